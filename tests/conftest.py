"""How every property is tried: the same examples each time, so that a red run can be run again.

``make soak`` is where other examples are looked for.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)
settings.register_profile("soak", deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

pytest_plugins = ["tests.contracts.plugin"]

LONG = (
    "tests/security/test_secrets.py",
    "tests/chaos/test_chaos.py",
    "tests/e2e/test_demo_whole.py",
    "tests/machine/test_machine.py",
    "tests/day/test_day.py",
    "tests/setup/test_bad_days.py",
    "tests/core/test_worked_days.py",
    "tests/e2e/test_killed.py",
    "tests/docs/test_shell_blocks.py",
)
"""Modules of long tests, or with a costly fixture for all of them, the longest first."""


@pytest.hookimpl(wrapper=True, optionalhook=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """``-n auto``: one more than there are processors, because many tests wait: for the end of a pause of
    the bot's own, of a process that is to be killed in time, of a fault that delays an answer.
    """
    count = yield
    return count if os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS") else count + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones begin: nobody waits for one in the end, and what a module's tests share is made once.

    The processes of a run take their tests from the front and give them away from the back.
    """
    place = {module: number for number, module in enumerate(LONG)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(LONG)))


def pytest_collection_finish() -> None:
    """What was loaded and collected stays: searching it for cycles again and again is wasted."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000)  # as the program itself has it
