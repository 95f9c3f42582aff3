"""The pieces of each specialty: where they stand, how they are made, and what they rest on."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.executors.writing.facts import Fact, Used
from bot.executors.writing.posts import linkedin, thread
from bot.executors.writing.survey import Survey
from bot.executors.writing.words import counted

TEMPLATES = Path(__file__).parent / "pieces"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of piece."""

    kind: str
    file: str
    channel: str
    compose: Callable[[Survey, Used], str] | None = None
    """None: made from the template that is named after the file."""


KINDS: dict[str, tuple[Kind, ...]] = {
    "documentation": (
        Kind("user guide", "docs/user-guide.md", "repository"),
        Kind("installation", "docs/installation.md", "repository"),
        Kind("reference", "docs/reference.md", "repository"),
        Kind("FAQ", "docs/faq.md", "repository"),
    ),
    "marketing": (
        Kind("landing page copy", "content/marketing/landing.md", "website"),
        Kind("product description", "content/marketing/description.md", "website"),
        Kind("announcement", "content/marketing/announcement.md", "blog"),
    ),
    "social": (
        Kind("X thread", "content/social/x-thread.md", "X", thread),
        Kind("LinkedIn post", "content/social/linkedin.md", "LinkedIn", linkedin),
        Kind("release note", "content/social/release-note.md", "GitHub releases"),
    ),
}


@dataclass(frozen=True, slots=True)
class Made:
    """A piece as a text, with its facts."""

    kind: Kind
    text: str
    facts: tuple[str, ...]


def write(specialty: str, survey: Survey) -> Iterator[Made]:
    """Every piece of a specialty."""
    for kind in KINDS[specialty]:
        used = Used()
        text = kind.compose(survey, used) if kind.compose else _rendered(kind, survey, used)
        yield Made(kind, text, used.lines())


def _rendered(kind: Kind, survey: Survey, used: Used) -> str:
    # Importing jinja2 takes a tenth of a second, which only this step should pay.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Markdown, and what facts hold is harmless in it, so nothing is escaped for HTML.
    environment = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        finalize=used.put,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= _filters(used)
    name = f"{posixpath.basename(kind.file)}.jinja"
    text = environment.get_template(name).render(s=survey)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip() + "\n"


def _filters(used: Used) -> dict[str, Callable[..., object]]:
    """Filters that turn facts into text, and note that they were used."""

    def text(fact: Fact) -> str:
        return str(used.put(fact))

    def joined(facts: Sequence[Fact]) -> str:
        *most, last = map(text, facts)
        return f"{', '.join(most)} and {last}" if most else last

    return {
        "bare": lambda fact: text(fact).strip("`"),
        "counted": counted,
        "file": lambda fact: fact.place.partition(",")[0],
        "from_docs": lambda path: posixpath.relpath(str(used.put(path)), "docs"),
        "join_facts": joined,
        "last_part": lambda fact: text(fact).rstrip("/").rpartition("/")[2],
        "names": lambda rows: joined([row.name for row in rows]),
        "sentence": lambda words: words[:1].upper() + words[1:],
    }
