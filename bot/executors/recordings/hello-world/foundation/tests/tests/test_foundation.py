"""What everything else stands on: answered questions, and a structure that is written down."""

from __future__ import annotations

import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def section(path: str, heading: str) -> list[str]:
    """The lines below a heading, up to the next one."""
    lines = (ROOT / path).read_text(encoding="utf-8").split("\n")
    start = lines.index(heading) + 1
    end = next((at for at in range(start, len(lines)) if lines[at].startswith("## ")), len(lines))
    return lines[start:end]


class FoundationTest(unittest.TestCase):
    def test_every_open_question_has_an_answer(self) -> None:
        lines = section("docs/requirements.md", "## Open questions")
        questions = [number for number, line in enumerate(lines) if line.startswith("- ")]

        self.assertTrue(questions)
        for number in questions:
            self.assertTrue(lines[number + 1].startswith("  **Answer:** "), lines[number])

    def test_the_architecture_names_every_file_of_the_page(self) -> None:
        parts = "\n".join(section("docs/architecture.md", "## Parts"))

        for path in sorted((ROOT / "site").iterdir()):
            self.assertIn(f"`site/{path.name}`", parts)

    def test_whoever_reads_the_documents_learns_which_scripts_there_are(self) -> None:
        for path in ("README.md", "AGENTS.md", "docs/architecture.md"):
            text = (ROOT / path).read_text(encoding="utf-8")
            self.assertIn("`site/app.js`", text, path)
            self.assertIn("`site/counter.js`", text, path)


if __name__ == "__main__":
    unittest.main()
