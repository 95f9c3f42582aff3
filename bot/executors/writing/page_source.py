"""What a page shows to who opens it: its title, headings, buttons and fields. Read as HTML, never run."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

from bot.executors.gates.project import Project
from bot.executors.writing.facts import Fact, at
from bot.executors.writing.words import code, harmless

_HEADINGS = ("h1", "h2", "h3")
_MOST_PAGES = 10
_MOST = 20
"""Things of one kind on a page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One HTML file."""

    file: Fact
    title: Fact | None
    headings: tuple[Fact, ...]
    buttons: tuple[Fact, ...]
    fields: tuple[Fact, ...]


def pages(project: Project) -> tuple[Page, ...]:
    """The project's HTML files, tests and content left out."""
    return tuple(
        _page(path, project.text(path))
        for path in project.sources()
        if path.endswith(".html") and not path.startswith(("docs/", "content/"))
    )[:_MOST_PAGES]


def _page(path: str, text: str) -> Page:
    reader = _Reader(path)
    reader.feed(text)
    reader.close()
    found = reader.found
    return Page(
        Fact(code(path), "page", at(path)),
        next(iter(found["title"]), None),
        tuple(found["heading"][:_MOST]),
        tuple(found["button"][:_MOST]),
        tuple(found["field"][:_MOST]),
    )


class _Reader(HTMLParser):
    """Collects the texts of what people see."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path
        self._open = ""
        self._text = ""
        self._line = 0
        self.found: dict[str, list[Fact]] = {"title": [], "heading": [], "button": [], "field": []}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a text, or take the text of a field's attributes."""
        given = {name: value or "" for name, value in attrs}
        if tag in ("title", "button", "label", *_HEADINGS):
            self._open, self._text, self._line = tag, "", self.getpos()[0]
        elif tag == "input" and given.get("type") in ("submit", "button"):
            self._note("button", given.get("value", ""), self.getpos()[0])
        elif tag in ("input", "textarea", "select") and (said := given.get("placeholder", "")):
            self._note("field", given.get("aria-label") or said, self.getpos()[0])

    def handle_data(self, data: str) -> None:
        """Go on with a text."""
        if self._open:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        """End a text."""
        if tag == self._open:
            kind = {"title": "title", "button": "button", "label": "field"}.get(tag, "heading")
            self._note(kind, self._text, self._line)
            self._open = ""

    def _note(self, kind: str, text: str, line: int) -> None:
        if words := harmless(text, 80):
            self.found[kind].append(Fact(f"“{words}”", kind, at(self._path, line)))
