"""The site as a whole: small, self-contained, and usable by everybody."""

from __future__ import annotations

import re
import unittest
from pathlib import Path

from tests.test_hello import page

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "site"
MOST_BYTES = 20_000


class SiteTest(unittest.TestCase):
    def test_nothing_is_loaded_from_elsewhere(self) -> None:
        for tag, attributes in page().attributes.items():
            for found in attributes:
                for name in ("src", "href", "srcset", "action"):
                    self.assertNotIn("//", found.get(name) or "", tag)
        for path in SITE.glob("*.js"):
            text = path.read_text(encoding="utf-8")
            self.assertIsNone(re.search(r"\b(fetch|XMLHttpRequest|import|eval)\b", text), path.name)

    def test_it_works_below_any_address(self) -> None:
        for attributes in page().attributes.values():
            for found in attributes:
                self.assertFalse((found.get("src") or found.get("href") or "").startswith("/"))

    def test_every_file_is_used(self) -> None:
        loaded = {
            found.get("src") or found.get("href")
            for tag in ("script", "link")
            for found in page().attributes[tag]
        }

        self.assertEqual({path.name for path in SITE.iterdir()}, loaded | {"index.html"})

    def test_all_of_it_is_small(self) -> None:
        self.assertLess(sum(path.stat().st_size for path in SITE.iterdir()), MOST_BYTES)

    def test_no_two_elements_have_the_same_id(self) -> None:
        ids = [
            found["id"]
            for attributes in page().attributes.values()
            for found in attributes
            if "id" in found
        ]

        self.assertEqual(sorted(ids), sorted(set(ids)))

    def test_every_button_has_a_name(self) -> None:
        self.assertEqual(len(page().words["button"]), len(page().attributes["button"]))

    def test_there_is_one_main_part_with_one_heading(self) -> None:
        self.assertEqual(len(page().attributes["main"]), 1)
        self.assertEqual(len(page().attributes["h1"]), 1)

    def test_nobody_is_kept_from_zooming(self) -> None:
        viewport = next(
            meta["content"] or ""
            for meta in page().attributes["meta"]
            if meta.get("name") == "viewport"
        )

        self.assertIn("width=device-width", viewport)
        self.assertNotIn("maximum-scale", viewport)
        self.assertNotIn("user-scalable", viewport)


if __name__ == "__main__":
    unittest.main()
