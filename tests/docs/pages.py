"""The documentation's pages, and the blocks of code in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SHELL = {"sh", "bash", "console"}
UNTRIED = "# Not tried: "
"""The first line of a shell block that cannot run here; the reason stands behind it, for readers too."""
APART = "# In a terminal of its own"
"""The first line of a block whose program runs until it is ended."""

_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """A fenced block."""

    page: str
    line: int
    """Where it begins in the page, from 1."""
    language: str
    text: str

    @property
    def untried(self) -> str:
        """Why it is not run; empty where it is."""
        first = self.text.partition("\n")[0]
        return first.removeprefix(UNTRIED).strip() if first.startswith(UNTRIED) else ""

    @property
    def is_apart(self) -> bool:
        """Whether its program goes on while the rest of the page runs."""
        return self.text.startswith(APART)

    @property
    def commands(self) -> str:
        """What a reader types: of ``console`` the lines behind ``$``."""
        if self.language != "console":
            return self.text
        return "".join(f"{line[2:]}\n" for line in self.text.splitlines() if line.startswith("$ "))

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """The README and every page of the site."""
    return [ROOT / "README.md", *sorted(DOCS.glob("**/*.md"))]


def name(path: Path) -> str:
    """A page as a reader names it, for example ``docs/setup.md``."""
    return path.relative_to(ROOT).as_posix()


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a page, in their order."""
    found = (token for token in _tokens(path) if token.type == "fence")
    return [
        Block(name(path), (token.map or [0])[0] + 1, token.info.strip(), token.content) for token in found
    ]


def spans(path: Path) -> Iterator[str]:
    """The code spans of a page's sentences and tables."""
    for token in _tokens(path):
        for inner in token.children or ():
            if inner.type == "code_inline":
                yield inner.content


def every_block(*languages: str) -> list[Block]:
    """The blocks of all pages in these languages."""
    return [block for page in pages() for block in blocks(page) if block.language in languages]


def _tokens(path: Path) -> list[Token]:
    return _MARKDOWN.parse(path.read_text("utf-8"))
