"""What keeps the pages' blocks honest: a block that fails is named, and who is not run is counted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bot.domain import errors
from tests.docs.pages import SHELL, Block, blocks, every_block, pages
from tests.docs.reader import reading
from tests.docs.test_shell_blocks import is_said
from tools import reference

UNTRIED = {
    "docs/state.md": 1,
    "docs/enterprise.md": 1,
    "docs/first-agent.md": 1,
    "docs/kubernetes.md": 3,
    "docs/setup.md": 1,
    "docs/troubleshooting.md": 4,
}
"""How many blocks of a page are not run; each says why."""


def test_the_blocks_that_are_not_run_are_counted() -> None:
    assert Counter(block.page for block in every_block(*SHELL) if block.untried) == UNTRIED


def test_every_block_has_a_language_that_somebody_judges() -> None:
    languages = {block.language for page in pages() for block in blocks(page)}
    assert languages - {*SHELL, "yaml", "json", "mermaid"} == set()


def test_a_block_that_fails_ends_its_page_there(tmp_path: Path, empty_hub: Path, clone: Path) -> None:
    page = [
        Block("page.md", 1, "sh", "# In a terminal of its own\necho ready; exec sleep 60\n"),
        Block("page.md", 5, "sh", "seen=$(echo kept)\n"),
        Block("page.md", 9, "console", "$ echo $seen; pwd\nkept\n…\n"),
        Block("page.md", 13, "sh", "orchestrator metrics --since nonsense\necho not reached\n"),
        Block("page.md", 17, "sh", "echo not reached\n"),
    ]
    with reading(tmp_path / "reader", empty_hub, clone, fleet=False) as reader:
        done = reader.follow(page)
    assert (done.code, done.at) == (2, "line-13")
    assert done.said["line-1"] == "ready\n"
    assert is_said(page[2], done.said["line-9"])
    assert "not reached" not in done.said["line-13"]
    assert "line-17" not in done.said


def test_what_a_console_block_shows_is_compared() -> None:
    block = Block("page.md", 1, "console", "$ x\none …\nthree\n")
    assert is_said(block, "zero\none two\nthree\n")
    assert not is_said(block, "one two\nfour\n")


def test_every_exit_code_is_explained() -> None:
    page = reference.exit_codes().decode()
    codes = {
        one.exit_code for one in vars(errors).values() if isinstance(one, type) and hasattr(one, "exit_code")
    }
    assert {code for code in codes if f"| {code} | " not in page.partition("## ")[0]} == set()
