"""The button that changes the message: what is in the page, and which messages there are."""

from __future__ import annotations

import json
import re
import unittest
from pathlib import Path

from tests.test_hello import page

ROOT = Path(__file__).resolve().parent.parent


def messages() -> list[dict[str, str]]:
    """The messages, in the order in which the button shows them."""
    script = (ROOT / "site" / "app.js").read_text(encoding="utf-8")
    found = re.search(r"const MESSAGES = (\[.*?\]);", script, re.DOTALL)
    return json.loads(found[1]) if found else []


class MessageTest(unittest.TestCase):
    def test_there_is_a_button_that_says_what_it_does(self) -> None:
        buttons = [found for found in page().attributes["button"] if found.get("id") == "change"]

        self.assertEqual([found["type"] for found in buttons], ["button"])
        self.assertIn("Change the message", page().words["button"])

    def test_it_is_hidden_until_the_script_runs_that_it_needs(self) -> None:
        buttons = [found for found in page().attributes["button"] if found.get("id") == "change"]

        self.assertEqual(len(buttons), 1)
        self.assertIn("hidden", buttons[0])

    def test_a_changed_message_is_read_aloud(self) -> None:
        self.assertEqual(page().attributes["h1"][0].get("aria-live"), "polite")

    def test_the_messages_begin_with_what_the_page_says(self) -> None:
        self.assertEqual(messages()[:1], [{"text": page().words["h1"][0], "lang": "en"}])

    def test_each_click_shows_another_message(self) -> None:
        texts = [message["text"] for message in messages()]

        self.assertGreater(len(texts), 2)
        self.assertEqual(len(set(texts)), len(texts))

    def test_each_message_is_short_and_names_its_language(self) -> None:
        self.assertTrue(messages())
        for message in messages():
            self.assertLessEqual(len(message["text"]), 24)
            self.assertRegex(message["lang"], r"^[a-z]{2}$")

    def test_what_was_decided_is_written_down(self) -> None:
        self.assertTrue((ROOT / "docs" / "behaviour" / "message.md").is_file())


if __name__ == "__main__":
    unittest.main()
