"""Replays a recorded solution of the worked example: real commits, whose tests really run.

It is no agent and says so in everything that it leaves. What it hands on takes the same way as an agent's
work (``handing``) and is judged by the same check.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot.executors import handing
from bot.executors.area import Refused
from bot.executors.attempting import Attempt, attempt, read_order
from bot.executors.checking import check
from bot.executors.drafts import ChangeDraft, Comment, ReviewDraft
from bot.executors.measuring import counted
from bot.executors.recorded import RECORDINGS, RecordedRemark, Recording, Step, find
from bot.executors.repository import Repository, branch_of
from bot.executors.untrusted import one_line
from bot.executors.workspace import CommandFailed, Workspace
from bot.ports.executor import Finished
from bot.ports.outside import Health

NOTE = "(replay of a recorded solution)"
_KNOWN = ("tests", "feature", "performance", "review")


class ScriptedExecutor:
    """Does the development tasks of the worked example from its recording."""

    name = "scripted"

    def __init__(self, health: Health, recordings: Path = RECORDINGS) -> None:
        """``recordings`` is a folder as ``recordings/README.md`` describes it."""
        self._health = health
        self._recordings = recordings

    def run(self, assignment: Path, result: Path) -> Finished:
        """Replay what was recorded for an order's task."""
        return attempt("Replayed from a recording, by no agent", assignment, result, self._replay)

    def check(self, assignment: Path, result: Path) -> Finished:
        """Judge what was handed on, as an agent's work is judged."""
        try:
            return check(read_order(assignment), assignment.parent, result, self._health)
        except (Refused, CommandFailed, OSError) as error:
            return Finished(False, one_line(f"The check could not be made: {error}.", 500))

    def _replay(self, current: Attempt) -> tuple[str, str]:
        order = current.order
        if order.workflow != "development" or order.specialty not in _KNOWN:
            raise Refused(
                f"the executor scripted has recorded nothing for {one_line(order.workflow, 40)} "
                f"({one_line(order.specialty, 40)}): it replays tests, features and reviews. Set another "
                f"`pools.{one_line(order.workflow, 40)}.executor`, and for deployment `deployment.kind`",
                retry=False,
            )
        recording = find(order, self._recordings)
        current.log.append(
            f"This is a replay of the recorded solution {recording.name}; no agent works here."
        )
        repository = Repository(current.area, current.log)
        branch = branch_of(order)
        repository.clone(order, current.handed, branch)
        bench = handing.Bench(
            order, self.name, repository, branch, current.result, order.time_limit, self._health, note=NOTE
        )
        project = Workspace(current.area.project, order.time_limit, current.log)
        if order.specialty == "review":
            return _review(bench, recording, project)
        return _change(bench, recording, project)


def _change(bench: handing.Bench, recording: Recording, project: Workspace) -> tuple[str, str]:
    """Failing tests first, then what makes them pass: each a commit, as far as the branch has it not yet."""
    order = bench.order
    tests, wanted = recording.step(order.item, "tests"), recording.step(order.item, order.specialty)
    if not wanted.exists():
        about = order.item or order.task
        raise Refused(f"nothing was recorded of {order.specialty} for {about}", retry=False)
    if wanted.applied(project):
        raise Refused("the branch holds the recorded change already, and a replay has no other", retry=False)
    if tests.exists():
        if not tests.applied(project):
            tests.apply(project)
            if wanted != tests:
                taken = bench.take(f"Tests: {order.item}")
                bench = replace(bench, onto=taken.commit)
        _must_fail(project, bench)
    if wanted != tests:
        wanted.apply(project)
    return handing.change(bench, ChangeDraft(summary=f"The recorded {order.specialty} of {recording.name}"))


def _must_fail(project: Workspace, bench: handing.Bench) -> None:
    """Tests that pass before the code that they are for would not show anything."""
    found = counted(project, handing.known_commands(bench.order))
    if found.passed == found.ran:
        raise Refused(
            f"the recorded tests had to fail before the code that they are for; {found.ran} ran, "
            f"{found.passed} passed. The project is not as it was recorded",
            retry=False,
        )
    project.note(f"As it has to be: of {found.ran} tests, some fail before the code that they are for.")


def _review(bench: handing.Bench, recording: Recording, project: Workspace) -> tuple[str, str]:
    """Run everything, look for what the recorded review speaks of, and judge by that."""
    order = bench.order
    recorded = recording.review(order.item)
    steps = [recording.step(order.item, name) for name in ("tests", "feature")]
    problems = [*_missing(steps, project), *_failing(bench)]
    comments = []
    for remark in recorded.remarks:
        line = _line(project.root, remark)
        if line is None:
            problems.append(f"{remark.path} does not hold what the recorded remark on it speaks of")
        else:
            comments.append(Comment(path=remark.path, line=line, text=f"{remark.text} {NOTE}"))
    begins = "Replay of a recorded review, by no agent; build, tests and lint were run now."
    if problems:
        summary, verdict = f"{begins} It asks for changes: {'; '.join(problems)}."[:2_000], "request-changes"
        comments = []
    else:
        summary, verdict = f"{begins} {recorded.summary}", "approve"
    draft = ReviewDraft.model_validate({"verdict": verdict, "summary": summary, "comments": comments})
    return handing.review(bench, draft, bench.repository.base)


def _missing(steps: list[Step], project: Workspace) -> Iterator[str]:
    for step in steps:
        if step.exists() and not step.applied(project):
            yield f"the branch does not hold the recorded {step.files.name}"


def _failing(bench: handing.Bench) -> Iterator[str]:
    """The project's commands that do not pass on a clean clone."""
    clone = bench.repository.clean(bench.repository.base, bench.seconds)
    commands = handing.known_commands(bench.order)
    for command in filter(None, (commands.build, commands.test, commands.lint)):
        ran = clone.attempt(shlex.split(command))
        if ran.exit_code:
            yield f"`{command}` {ran.outcome()}"


def _line(root: Path, remark: RecordedRemark) -> int | None:
    """The number of the line that a remark is about."""
    path = root / remark.path
    if path.is_symlink() or not path.is_file() or not path.resolve().is_relative_to(root.resolve()):
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return lines.index(remark.at) + 1 if remark.at in lines else None
