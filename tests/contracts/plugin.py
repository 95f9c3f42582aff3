"""Fails the test during which the bot asked, or the hub answered, otherwise than GitHub describes it.

With several processes each judges its own; the first of them adds the counts up and prints them at the end.
What comes after a process's last test fails the run as a whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from typing import Any

import pytest

from tests.contracts.published import versions
from tests.contracts.recorder import Recorder

SOURCES = ("@octokit/openapi", "@octokit/graphql-schema")
_KEY = pytest.StashKey["Contracts"]()


class Contracts:
    """The recorder of this process, and what the other processes tell at their end."""

    def __init__(self) -> None:
        self.recorder = Recorder()
        self.counts: Counter[str] = Counter()
        self.operations: set[str] = set()
        self.late: list[str] = []

    def told(self) -> dict[str, Any]:
        """What this process has to tell."""
        recorder = self.recorder
        return {
            "counts": {**recorder.counts, "nanoseconds": recorder.nanoseconds},
            "operations": sorted(recorder.operations),
            "late": recorder.taken(),
        }

    def add(self, told: dict[str, Any]) -> None:
        """Add what a process tells."""
        self.counts.update(told["counts"])
        self.operations.update(told["operations"])
        self.late += told["late"]


def pytest_configure(config: pytest.Config) -> None:
    contracts = config.stash[_KEY] = Contracts()
    contracts.recorder.listen()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _judged(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _judged(item))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, Any, Any]:
    return (yield from _judged(item))


def _judged(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    found = item.config.stash[_KEY].recorder.taken()
    if found:
        listed = "\n".join(f"  {each}" for each in found)
        pytest.fail(f"This is not as GitHub describes it (docs/verification.md):\n{listed}", pytrace=False)
    return result


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    told = getattr(node, "workeroutput", {}).get("contracts")
    if told:
        node.config.stash[_KEY].add(told)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    contracts = session.config.stash[_KEY]
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["contracts"] = contracts.told()
        return
    contracts.add(contracts.told())
    if contracts.late and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    contracts = config.stash[_KEY]
    for each in contracts.late:
        terminalreporter.write_line(f"not as GitHub describes it, after the last test: {each}", red=True)
    if not contracts.operations:
        return
    counts = contracts.counts
    sources = " and ".join(f"{name} {versions()[name]}" for name in SOURCES)
    terminalreporter.write_line(
        f"contracts: {counts['request']} requests of the bot and {counts['answer']} answers of the hub to "
        f"{len(contracts.operations)} operations held against {sources} "
        f"({counts['judged']} of them different from each other, {counts['nanoseconds'] / 1e9:.1f} s of work)"
    )
