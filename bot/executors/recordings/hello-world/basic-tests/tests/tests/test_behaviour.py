"""What the page does when somebody clicks: its own scripts, run by Node.js where there is one."""

from __future__ import annotations

import json
import shutil
import subprocess
import unittest
from pathlib import Path
from typing import Any

from tests.test_message import messages

ROOT = Path(__file__).resolve().parent.parent
NODE = shutil.which("node")
GREATEST = "999999"


def seen(*steps: tuple[str, str] | tuple[str]) -> list[dict[str, Any]]:
    """What is on the page after each step; see ``browser.js``."""
    command = [str(NODE), str(ROOT / "tests" / "browser.js"), str(ROOT / "site"), json.dumps(steps)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return json.loads(done.stdout)


class SetUpTest(unittest.TestCase):
    def test_it_is_written_down_how_behaviour_is_tested(self) -> None:
        text = (ROOT / "docs" / "development.md").read_text(encoding="utf-8")

        self.assertIn("`tests/browser.js`", text)


@unittest.skipUnless(NODE, "Node.js is not installed, and only it can run the page's scripts here")
class BehaviourTest(unittest.TestCase):
    def test_the_page_begins_with_hello_world_and_no_clicks(self) -> None:
        (first,) = seen(("load",))

        self.assertEqual((first["message"], first["count"]), ("Hello World", "0"))

    def test_what_needs_a_script_is_shown_once_it_runs(self) -> None:
        (first,) = seen(("load",))

        self.assertLessEqual({"change", "counter", "count", "reset"}, set(first["shown"]))

    def test_each_click_shows_the_next_message_and_after_the_last_the_first(self) -> None:
        _, *after = seen(("load",), *[("click", "change")] * len(messages()))

        expected = [*messages()[1:], messages()[0]]
        self.assertEqual([{"text": one["message"], "lang": one["lang"]} for one in after], expected)

    def test_every_click_is_counted(self) -> None:
        found = seen(("load",), *[("click", "change")] * 12)

        self.assertEqual([one["count"] for one in found], [str(clicks) for clicks in range(13)])

    def test_the_count_can_be_begun_anew_and_the_message_stays(self) -> None:
        *_, before, after = seen(("load",), ("click", "change"), ("click", "reset"))

        self.assertEqual((before["count"], after["count"]), ("1", "0"))
        self.assertEqual(after["message"], before["message"])

    def test_a_reload_keeps_the_count_and_begins_with_hello_world(self) -> None:
        *_, after = seen(("load",), ("click", "change"), ("click", "change"), ("load",))

        self.assertEqual((after["message"], after["count"]), ("Hello World", "2"))

    def test_what_is_kept_and_is_no_count_counts_as_nothing(self) -> None:
        wrong = ("", "-1", "1.5", "1e3", "1000000", "many", "<b>1</b>", "NaN", "null", " 1")
        found = seen(*[step for value in wrong for step in (("keep", value), ("load",))])

        self.assertEqual([one["count"] for one in found[1::2]], ["0"] * len(wrong))

    def test_a_browser_that_keeps_nothing_counts_for_this_visit(self) -> None:
        *_, after = seen(("forbid",), ("load",), ("click", "change"), ("click", "change"))

        self.assertEqual(after["count"], "2")

    def test_there_is_a_greatest_count(self) -> None:
        *_, last = seen(("keep", "999998"), ("load",), *[("click", "change")] * 3)

        self.assertEqual(last["count"], f"{GREATEST} or more")

    def test_a_click_in_another_tab_is_shown_here(self) -> None:
        *_, after = seen(("load",), ("elsewhere", "7"))

        self.assertEqual(after["count"], "7")


if __name__ == "__main__":
    unittest.main()
