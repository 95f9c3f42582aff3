"""Judging a scaffold afresh: a clean clone, compared with what its output claims, its commands run again."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.domain.outputs import GenesisOutput
from bot.domain.plans import plan_problems
from bot.executors.measuring import run_tests
from bot.executors.workspace import CommandFailed, Ran, Workspace

CHECK_FILE = "check.json"


def verify(bundle: Path, output: Path, report: Path, time_limit: float) -> list[str]:
    """What is wrong with a result, most telling first; empty where it holds. Writes the report.

    ``time_limit`` is in seconds, for all commands together.
    """
    problems: list[str] = []
    commands: list[Ran] = []
    try:
        claimed = GenesisOutput.model_validate_json(output.read_bytes())
    except OSError as error:
        problems.append(f"{output.name} cannot be read: {error.strerror}")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        problems.append(f"{output.name} is not valid: {'.'.join(map(str, first['loc']))}: {first['msg']}")
    else:
        problems += plan_problems(claimed.issues)
        with tempfile.TemporaryDirectory(prefix="check-") as folder:
            problems += _clone_problems(bundle, claimed, Workspace(Path(folder), time_limit), commands)
    content = {"ok": not problems, "problems": problems, "commands": [ran.record() for ran in commands]}
    report.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return problems


def _clone_problems(
    bundle: Path, claimed: GenesisOutput, folder: Workspace, commands: list[Ran]
) -> Iterator[str]:
    """What the clone and its commands say against the output; appends to ``commands`` what it ran."""
    branch = claimed.default_branch
    try:
        folder.git("clone", "--quiet", f"--branch={branch}", "--", str(bundle.absolute()), "clone")
    except CommandFailed as error:
        yield f"{bundle.name} cannot be cloned with the branch {branch}: {error.ran.output.strip()[-200:]}"
        return
    clone = folder.inside("clone")
    head = clone.git("rev-parse", "HEAD")
    if head != claimed.commit:
        yield f"the bundle's {branch} is at {head}, the output says {claimed.commit or 'nothing'}"
    yield from _file_problems(clone.files(), claimed.files)
    for name, command in (("test", claimed.commands.test), ("lint", claimed.commands.lint)):
        if not command:
            continue
        try:
            arguments = shlex.split(command)
        except ValueError as error:
            yield f"`{command}` cannot be read as a command: {error}"
            continue
        ran, found = run_tests(clone, arguments)
        commands.append(ran)
        if ran.exit_code:
            yield f"`{command}` {ran.outcome()}"
        elif name == "test" and (found.ran == 0 or found.ran != claimed.tests_run):
            yield f"`{command}` ran {found.ran} tests, the output says {claimed.tests_run}"


def _file_problems(found: Sequence[str], claimed: Sequence[str]) -> Iterator[str]:
    if tuple(claimed) == tuple(found):
        return
    missing, unsaid = sorted(set(claimed) - set(found)), sorted(set(found) - set(claimed))
    yield (
        f"the files differ from those listed: {len(missing)} missing ({', '.join(missing[:3]) or 'none'}), "
        f"{len(unsaid)} not listed ({', '.join(unsaid[:3]) or 'none'})"
    )
