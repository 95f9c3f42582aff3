"""The page says "Hello World", with or without scripts."""

from __future__ import annotations

import unittest
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INDEX = ROOT / "site" / "index.html"


class Words(HTMLParser):
    """Collects what is written between the tags of each kind, and the attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.words: dict[str, list[str]] = defaultdict(list)
        self.attributes: dict[str, list[dict[str, str | None]]] = defaultdict(list)
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.attributes[tag].append(dict(attrs))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Forget the element that ends, and those inside that need no end."""
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        """Remember words by the element that they stand in."""
        if self._open and data.strip():
            self.words[self._open[-1]].append(" ".join(data.split()))


def page() -> Words:
    """The page, read."""
    words = Words()
    words.feed(INDEX.read_text(encoding="utf-8"))
    return words


class HelloTest(unittest.TestCase):
    def test_it_says_hello_world_once_as_its_heading(self) -> None:
        self.assertEqual(page().words["h1"], ["Hello World"])

    def test_its_title_says_so_too(self) -> None:
        self.assertEqual(page().words["title"], ["Hello World"])

    def test_it_names_its_language_and_what_it_is(self) -> None:
        found = page().attributes

        self.assertEqual(found["html"][0]["lang"], "en")
        self.assertIn("description", [meta.get("name") for meta in found["meta"]])

    def test_what_was_decided_is_written_down(self) -> None:
        self.assertTrue((ROOT / "docs" / "behaviour" / "page.md").is_file())


if __name__ == "__main__":
    unittest.main()
