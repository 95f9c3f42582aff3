"""A piece of content as the gates read it: its links, its code, its headings, its words, each with its line.

Markdown is parsed as CommonMark with tables, which is what GitHub shows; a file that ends in ``.html`` as
HTML.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

HTML_ENDINGS = (".html", ".htm")
MOST = 200_000
"""Characters of a document that is read; what is longer is no piece of content."""
_BARE = re.compile(r"(?<![\w@])https?://[^\s<>\"'`|\\^{}\[\]]+", re.IGNORECASE)
_TRAILING = ".,:;!?*_~'\")"
_KEPT_IN_ANCHORS = ("L", "M", "N")
"""Unicode categories: letters, marks, numbers. Beside them ``-`` and ``_`` stay (github-slugger)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text and the line that it stands in."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A code block."""

    language: str
    text: str
    line: int
    """Of its first line of code."""


@dataclass(frozen=True, slots=True)
class Item:
    """A list item's first line, under the heading that it stands below."""

    heading: str
    text: str
    line: int


@dataclass(slots=True)
class Document:
    """What a file says."""

    links: list[Found] = field(default_factory=list)
    spans: list[Found] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    prose: list[Found] = field(default_factory=list)
    """Visible text outside of code."""
    items: list[Item] = field(default_factory=list)
    anchors: set[str] = field(default_factory=set)


def read(path: str, text: str) -> Document:
    """The document in a file's text, by the file's name; of a longer text its first ``MOST`` characters."""
    document, text = Document(), text[:MOST]
    if path.lower().endswith(HTML_ENDINGS):
        _html(text, 1, document)
    else:
        _Markdown(document).take(_parser().parse(text))
    return document


def anchor(heading: str) -> str:
    """What GitHub makes of a heading for links to it; a repeated one gets ``-1``, ``-2`` after it."""
    kept = (
        char
        for char in heading.strip().lower()
        if char in "-_ " or unicodedata.category(char)[0] in _KEPT_IN_ANCHORS
    )
    return "".join(kept).replace(" ", "-")


def bare_links(text: str) -> Iterator[str]:
    """Addresses that stand in a text without markup, as GitHub links them."""
    for match in _BARE.finditer(text):
        url = match.group()
        while url[-1] in _TRAILING and not (url[-1] == ")" and url.count("(") >= url.count(")")):
            url = url[:-1]
        yield url


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


class _Markdown:
    """Walks the tokens of a Markdown text."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._heading = ""
        self._in_heading = False
        self._item_waits: list[bool] = []
        self._slugs: Counter[str] = Counter()

    def take(self, tokens: Sequence[Token]) -> None:
        """Note everything that the tokens hold."""
        for token in tokens:
            line = token.map[0] + 1 if token.map else 1
            match token.type:
                case "heading_open":
                    self._in_heading = True
                case "heading_close":
                    self._in_heading = False
                case "list_item_open":
                    self._item_waits.append(True)
                case "list_item_close":
                    self._item_waits.pop()
                case "fence" | "code_block":
                    language = token.info.split()[0].lower() if token.info.split() else ""
                    first = line + (token.type == "fence")
                    self._document.blocks.append(Block(language, token.content, first))
                case "html_block":
                    _html(token.content, line, self._document)
                case "inline":
                    self._inline(token, line)
                case _:
                    pass

    def _inline(self, token: Token, line: int) -> None:
        words = "".join(self._children(token.children or (), line))
        if self._in_heading:
            self._heading = words
            slug = anchor(words)
            again = self._slugs[slug]
            self._slugs[slug] += 1
            self._document.anchors.add(f"{slug}-{again}" if again else slug)
        elif self._item_waits and self._item_waits[-1]:
            self._item_waits[-1] = False
            self._document.items.append(Item(self._heading, words.split("\n")[0], line))

    def _children(self, children: Sequence[Token], line: int) -> Iterator[str]:
        """The words that are shown; notes links, code and prose on the way."""
        document, inside_link = self._document, False
        for child in children:
            match child.type:
                case "softbreak" | "hardbreak":
                    line += 1
                    yield "\n"
                case "link_open":
                    inside_link = True
                    document.links.append(Found(str(child.attrs.get("href", "")), line))
                case "link_close":
                    inside_link = False
                case "image":
                    document.links.append(Found(str(child.attrs.get("src", "")), line))
                case "code_inline":
                    document.spans.append(Found(child.content, line))
                    yield child.content
                case "html_inline":
                    _html(child.content, line, document)
                case "text":
                    document.prose.append(Found(child.content, line))
                    if not inside_link:
                        document.links += (Found(url, line) for url in bare_links(child.content))
                    yield child.content
                case _:
                    pass


def _html(text: str, line: int, document: Document) -> None:
    parser = _Html(document, line)
    parser.feed(text)
    parser.close()


class _Html(HTMLParser):
    """Notes what a page holds."""

    def __init__(self, document: Document, line: int) -> None:
        super().__init__()
        self._document = document
        self._first = line - 1
        self._open: list[str] = []

    def _line(self) -> int:
        return self._first + self.getpos()[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note addresses and names."""
        self._open.append(tag)
        for name, value in attrs:
            if name in ("href", "src") and value:
                self._document.links.append(Found(value, self._line()))
            elif (name == "id" or (name == "name" and tag == "a")) and value:
                self._document.anchors.add(value)

    def handle_endtag(self, tag: str) -> None:
        """Forget what is closed, and what was left open inside of it."""
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        """Note text as code or as prose."""
        if not data.strip() or {"script", "style"} & set(self._open):
            return
        if "pre" in self._open:
            self._document.blocks.append(Block("", data, self._line()))
        elif "code" in self._open:
            self._document.spans.append(Found(data.strip(), self._line()))
        else:
            self._document.prose.append(Found(data, self._line()))
