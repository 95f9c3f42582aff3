"""Every shell block of the documentation is run, or says why not and is read by the real parsers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.pages import SHELL, Block, blocks, every_block, name, pages
from tests.docs.reader import reading

NEW = {"README.md", "docs/setup.md", "docs/tutorial-github.md", "docs/tutorial-hub.md"}
"""Pages that begin in a clone of orchestrator with nothing set up; the others in a fleet's clone."""
RUN = [
    page for page in pages() if any(block.language in SHELL and not block.untried for block in blocks(page))
]
UNTRIED = [block for block in every_block(*SHELL) if block.untried]


@pytest.mark.parametrize("page", RUN, ids=name)
def test_the_blocks_of_a_page_run_in_their_order(
    page: Path, tmp_path: Path, clone: Path, request: pytest.FixtureRequest
) -> None:
    new = name(page) in NEW
    template: Path = request.getfixturevalue("empty_hub" if new else "fleet_hub")
    run = [block for block in blocks(page) if block.language in SHELL and not block.untried]
    with reading(tmp_path / "reader", template, clone, fleet=not new) as reader:
        done = reader.follow(run)
    assert done.code == 0, f"{name(page)}, {done.at}:\n{done.said.get(done.at, '')}"
    for block in run:
        if block.language == "console":
            assert is_said(block, done.said[f"line-{block.line}"]), done.said[f"line-{block.line}"]


def is_said(block: Block, output: str) -> bool:
    """Whether a console block's answer is what was printed; ``…`` stands for anything."""
    told = [line for line in block.text.splitlines() if not line.startswith("$ ")]
    expected = re.escape("\n".join(told)).replace("…", ".*")
    return re.search(expected, output, re.DOTALL) is not None


@pytest.mark.parametrize("block", UNTRIED, ids=str)
def test_a_block_that_is_not_run_is_at_least_shell(block: Block) -> None:
    read = subprocess.run(["bash", "-n"], input=block.commands, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
