"""Reads pages as a program does that knows HTML and nothing of the dashboard."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())

_BLOCKS = frozenset("caption dd div dt h1 h2 h3 h4 li option p td th".split())


@dataclass
class Page(HTMLParser):
    """What stands in a page."""

    links: list[str] = field(default_factory=list)
    """Values of href and src."""
    ids: list[str] = field(default_factory=list)
    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    """Attributes and content."""
    handlers: list[str] = field(default_factory=list)
    """Attributes that would run script."""
    text: str = ""
    unclosed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.links += [value for name in ("href", "src") if (value := found.get(name)) is not None]
        self.ids += [value for value in [found.get("id")] if value]
        self.handlers += [name for name in found if name.startswith("on")]
        if tag in _BLOCKS:
            self.text += " "
        if tag == "script":
            self.scripts.append((found, ""))
        if tag not in _VOID:
            self.unclosed.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.unclosed.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.unclosed, f"</{tag}> closes nothing"
        assert self.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.unclosed[-1:] == ["script"]:
            attributes, before = self.scripts[-1]
            self.scripts[-1] = (attributes, before + data)
        else:
            self.text += data

    @property
    def data(self) -> list[Any]:
        """What its data blocks hold."""
        return [json.loads(content) for attributes, content in self.scripts if "src" not in attributes]


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    assert page.unclosed == []
    return page


def pages(site: Path) -> dict[str, str]:
    """Every page by its path in the site."""
    return {
        path.relative_to(site).as_posix(): path.read_text("utf-8") for path in sorted(site.rglob("*.html"))
    }
