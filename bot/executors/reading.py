"""Reading an idea: Markdown in, statements out, each with its original words and where it stood."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.executors.sentences import enumeration, sentences
from bot.executors.wording import (
    BACKGROUND,
    BACKGROUND_HEADINGS,
    EXCLUDED,
    PLEASANTRIES,
    QUESTION_HEADINGS,
    SCOPE_ENDINGS,
    words,
)

_LONGEST_CONTEXT = 1_000
"""Characters of a sentence that is quoted whole in each issue that is made of one of its parts."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that the idea says."""

    text: str
    """What is asked for, on one line, with its Markdown marks."""
    quote: str
    """The original words, with everything that belongs to them."""
    criteria: tuple[str, ...] = ()
    """What stood nested below it, one line each."""
    section: str = ""
    """The headings and the introducing line above it, joined by " / "."""


@dataclass(slots=True)
class Reading:
    """An idea, sorted by what its parts are for."""

    heading: str = ""
    statements: list[Statement] = field(default_factory=list)
    excluded: list[Statement] = field(default_factory=list)
    background: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)


@cache
def _parser() -> MarkdownIt:
    """CommonMark with tables, blocks only: the words inside stay as they were written."""
    parser = MarkdownIt("commonmark").enable("table").disable("reference")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def plain(text: str) -> str:
    """A line of Markdown as the words a reader sees, without marks."""
    shown: list[str] = []
    for token in MarkdownIt("commonmark").disable("entity").parseInline(text[:2_000])[0].children or ():
        shown.append(" " if token.type in ("softbreak", "hardbreak") else token.content)
    return " ".join("".join(shown).split())


def read(idea: str) -> Reading:
    """Sort an idea (already made visible, see ``untrusted.visible``) into statements and the rest.

    Where nothing asks for anything, the background, the code or the headings are what was asked for.
    """
    reading = _Reader(idea).read()
    if not reading.statements:
        fallback = reading.background or reading.questions or ([reading.heading] if reading.heading else [])
        reading.statements = [Statement(" ".join(text.split()), text) for text in fallback]
        reading.background = []
    return reading


class _Reader:
    """One pass over the blocks of one idea."""

    def __init__(self, idea: str) -> None:
        self._lines = idea.split("\n")
        self._root = SyntaxTreeNode(_parser().parse(idea))
        self._headings: list[tuple[int, str]] = []
        self._result = Reading()

    def read(self) -> Reading:
        self._blocks(self._root.children)
        return self._result

    def _blocks(self, nodes: Iterable[SyntaxTreeNode]) -> None:
        siblings = list(nodes)
        intro = ""
        for position, node in enumerate(siblings):
            before_list = siblings[position + 1 : position + 2] and siblings[position + 1].type.endswith(
                "_list"
            )
            text = _inline(node)
            if node.type == "paragraph" and before_list and text.endswith(":"):
                intro = self._introduction(text)
                continue
            self._block(node, text, intro)
            intro = ""

    def _block(self, node: SyntaxTreeNode, text: str, intro: str) -> None:
        if node.type == "heading":
            self._enter(int(node.tag[1]), text)
        elif node.type in ("paragraph", "html_block"):
            self._paragraph(text)
        elif node.type in ("bullet_list", "ordered_list"):
            self._list(node, intro)
        elif node.type == "blockquote":
            self._blocks(node.children)
        elif node.type == "table":
            self._table(node)
        elif node.type in ("fence", "code_block"):
            self._result.background.extend([node.content.strip()] if node.content.strip() else [])

    def _enter(self, level: int, text: str) -> None:
        """A heading opens its section and closes those of its level and below."""
        title = plain(text)
        self._headings = [entry for entry in self._headings if entry[0] < level] + [(level, title)]
        if not self._result.heading and title:
            self._result.heading = title

    def _introduction(self, text: str) -> str:
        """Sentences before a list's introducing line count by themselves; the line frames the list."""
        *before, last = sentences(text) or [text]
        self._paragraph(" ".join(before))
        return last

    def _paragraph(self, text: str) -> None:
        if text.startswith("<!--"):
            self._result.background.append(text)
            return
        for sentence in sentences(text):
            if _is_pleasantry(sentence):
                continue
            if _begins(sentence, BACKGROUND):
                self._result.background.append(sentence)
            else:
                for part in enumeration(sentence):
                    self._add(self._statement(part, sentence if len(sentence) <= _LONGEST_CONTEXT else part))

    def _list(self, node: SyntaxTreeNode, intro: str) -> None:
        for item in node.children:
            blocks = list(item.children)
            text = _flat(_inline(blocks[0])) if blocks and blocks[0].type == "paragraph" else ""
            nested = list(_leaves(blocks[1:] if text else blocks))
            if not text and nested:
                text, *nested = nested
            source = self._source(item)
            text = (text or _flat(source)).removeprefix("[ ] ").removeprefix("[x] ").removeprefix("[X] ")
            if _is_pleasantry(text) and not nested:
                continue
            quote = f"{intro}\n\n{source}" if intro and len(intro) <= _LONGEST_CONTEXT else source
            self._add(self._statement(text, quote, tuple(nested), intro))

    def _table(self, node: SyntaxTreeNode) -> None:
        for body in (part for part in node.children if part.type == "tbody"):
            for row in body.children:
                cells = [_flat(_inline(cell)) for cell in row.children]
                text = " – ".join(cell for cell in cells if cell)
                self._add(self._statement(text, text))

    def _statement(self, text: str, quote: str, criteria: tuple[str, ...] = (), intro: str = "") -> Statement:
        section = " / ".join([*(title for _, title in self._headings), *([intro] if intro else [])])
        return Statement(text=text, quote=quote, criteria=criteria, section=section)

    def _add(self, statement: Statement) -> None:
        """File a statement under what its section says about it."""
        if not any(char.isalnum() for char in statement.text):
            return
        frames = statement.section.split(" / ")
        if any(_begins(frame, EXCLUDED) for frame in frames) or _excludes(statement.text):
            self._result.excluded.append(statement)
        elif any(" ".join(words(frame)) in QUESTION_HEADINGS for frame in frames):
            self._result.questions.append(statement.text)
        elif any(" ".join(words(frame)) in BACKGROUND_HEADINGS for frame in frames):
            self._result.background.append(statement.quote)
        elif statement.text.endswith("?") and not _asks_politely(statement.text):
            self._result.questions.append(statement.text)
        else:
            self._result.statements.append(statement)

    def _source(self, node: SyntaxTreeNode) -> str:
        """The lines that a block was written in, without their common indentation."""
        first, last = node.map or (0, 0)
        lines = self._lines[first:last]
        indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
        return "\n".join(line[indent:] for line in lines).strip()


def _inline(node: SyntaxTreeNode) -> str:
    """A block's own text."""
    if node.type == "html_block":
        return str(node.content).strip()
    return "\n".join(child.content for child in node.children if child.type == "inline").strip()


def _flat(text: str) -> str:
    return " ".join(text.split())


def _leaves(nodes: Iterable[SyntaxTreeNode]) -> Iterator[str]:
    """Every piece of text below these blocks, in order, each on one line."""
    for node in nodes:
        text = node.content if node.type in ("fence", "code_block", "html_block") else _inline(node)
        if text.strip():
            yield _flat(text)
        yield from _leaves(child for child in node.children if child.type != "inline")


def _begins(text: str, phrases: tuple[str, ...]) -> bool:
    opening = " ".join(words(text[:200]))
    return any(opening == phrase or opening.startswith(f"{phrase} ") for phrase in phrases)


def _excludes(text: str) -> bool:
    """ "Out of scope: payments", "payments are out of scope" and "no login is needed"."""
    said = " ".join(words(text))
    if said.startswith("no ") and said.endswith((" needed", " required", " necessary")):
        return True
    return (":" in text and _begins(text, EXCLUDED)) or said.endswith(SCOPE_ENDINGS)


def _is_pleasantry(text: str) -> bool:
    said = " ".join(words(text[:200]))
    return not said or said in PLEASANTRIES


def _asks_politely(text: str) -> bool:
    """ "Can you build a page?" is an order, "which colours?" a question."""
    return text.casefold().startswith(("can you", "could you", "would you", "will you", "please"))
