"""The files by which a step tells its runner something: outputs, variables, paths, a summary."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from pathlib import Path

from tests.workflows.runner.machine import Machine

NAMES = ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")


class CommandFiles:
    """One step's files, empty when it begins."""

    def __init__(self, machine: Machine, number: int) -> None:
        self._machine = machine
        self._paths = {name: machine.file(f"{number}-{name.lower()}") for name in NAMES}
        for path in self._paths.values():
            path.touch()

    @property
    def variables(self) -> Mapping[str, str]:
        """The variables that name them."""
        return {name: str(path) for name, path in self._paths.items()}

    def outputs(self) -> dict[str, str]:
        """The step's outputs."""
        return pairs(self._paths["GITHUB_OUTPUT"])

    def summary(self) -> str:
        """What the step adds to the job's summary."""
        return self._paths["GITHUB_STEP_SUMMARY"].read_text("utf-8")

    def carry_out(self) -> None:
        """What the later steps of the job get from this one."""
        self._machine.environment |= pairs(self._paths["GITHUB_ENV"])
        for line in self._paths["GITHUB_PATH"].read_text("utf-8").splitlines():
            self._machine.paths.insert(0, line)


def pairs(path: Path) -> dict[str, str]:
    """``name=value`` lines, and ``name<<END`` … ``END`` for any value; anything else fails the step."""
    lines, found = iter(path.read_text("utf-8").splitlines()), dict[str, str]()
    for line in lines:
        name, is_block, end = line.partition("<<")
        if is_block and "=" not in name:
            found[name] = "\n".join(takewhile(end.__ne__, lines))
        elif line:
            name, equals, found[name] = line.partition("=")
            assert equals, f"GitHub refuses the line {line!r} of a command file"
    return found
