"""The counter of clicks: what is in the page, and what its script is careful about."""

from __future__ import annotations

import re
import unittest
from pathlib import Path

from tests.test_hello import page

ROOT = Path(__file__).resolve().parent.parent


def script() -> str:
    """What counts; empty where nothing does."""
    path = ROOT / "site" / "counter.js"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


class CounterTest(unittest.TestCase):
    def test_the_page_shows_a_count_that_begins_at_nothing(self) -> None:
        self.assertEqual([found["id"] for found in page().attributes["output"]], ["count"])
        self.assertEqual(page().words["output"], ["0"])

    def test_the_count_can_be_begun_anew(self) -> None:
        buttons = {found["id"]: found["type"] for found in page().attributes["button"]}

        self.assertEqual(buttons.get("reset"), "button")
        self.assertIn("Start over", page().words["button"])

    def test_it_is_hidden_until_the_script_runs_that_it_needs(self) -> None:
        counters = [found for found in page().attributes["p"] if found.get("id") == "counter"]

        self.assertEqual(len(counters), 1)
        self.assertIn("hidden", counters[0])

    def test_the_page_loads_the_script_after_its_own_text(self) -> None:
        loaded = {found["src"]: found for found in page().attributes["script"]}

        self.assertIn("defer", loaded.get("counter.js", {}))

    def test_a_browser_that_keeps_nothing_does_not_stop_it(self) -> None:
        guarded = re.findall(r"try \{(.*?)\} catch", script(), re.DOTALL)

        self.assertEqual("".join(guarded).count("localStorage"), script().count("localStorage"))
        self.assertGreaterEqual(len(guarded), 2)

    def test_there_is_a_greatest_count(self) -> None:
        self.assertRegex(script(), r"const MOST = \d{4,};")

    def test_what_was_decided_is_written_down(self) -> None:
        self.assertTrue((ROOT / "docs" / "behaviour" / "counter.md").is_file())


if __name__ == "__main__":
    unittest.main()
