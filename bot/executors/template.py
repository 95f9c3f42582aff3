"""The built-in executor: a scaffold and content from templates, without a key and without a network.

It needs git, make and this Python. What it hands back was run, not claimed: the tests and the lint
of the scaffold run before it is committed, and again in ``check`` on a clean clone. Content is
``template_content``'s; what a program does is nobody's to invent, so Development needs an agent.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from bot.domain.failures import FailureKind
from bot.domain.outputs import GenesisOutput
from bot.domain.work import WorkOrder
from bot.executors import handing
from bot.executors.catalogue import built_in
from bot.executors.repository import CHANGE
from bot.executors.requirements import Plan, derive
from bot.executors.scaffold import COMMANDS, TEMPLATES, RenderFailed, commit, names_for, render
from bot.executors.stacks import Choice, choose
from bot.executors.template_content import check_content, write_content
from bot.executors.untrusted import one_line, visible
from bot.executors.verification import CHECK_FILE, verify
from bot.executors.workspace import CommandFailed, Workspace
from bot.ports.executor import Finished

OUTPUT_FILE = "genesis-output.json"
BUNDLE_FILE = "repository.bundle"
LOG_FILE = "log.txt"

_WORKFLOWS = ("genesis", "content")

LONGEST_IDEA = 65_536
"""Characters: what a GitHub issue can hold."""


class OrderRefused(Exception):
    """The work order cannot be carried out; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A committed scaffold."""

    commit: str
    files: tuple[str, ...]
    tests: int


class TemplateExecutor:
    """Does Genesis for any idea, and Content for any project, from templates."""

    name = "template"

    def __init__(self, templates: Path = TEMPLATES) -> None:
        """``templates`` is a copier template with a folder for each layer of ``stacks.STACKS``."""
        self._templates = templates

    def run(self, assignment: Path, result: Path) -> Finished:
        """Scaffold the project of a work order, or write its content.

        Genesis writes ``repository.bundle`` (branch main) and ``genesis-output.json``, Content
        ``change.bundle`` and ``content-output.json``; both write ``log.txt``. What cannot be done is
        told in ``Finished.summary``; nothing is raised for it.
        """
        log: list[str] = []
        with _refusals(log) as outcome:
            _clear(result)
            order = read_order(assignment)
            if order.workflow == "content":
                outcome.finished = write_content(order, assignment.parent, result, log)
            else:
                with tempfile.TemporaryDirectory(prefix="genesis-") as folder:
                    outcome.finished = self._scaffold(order, Path(folder) / "repository", result, log)
        with contextlib.suppress(OSError):
            (result / LOG_FILE).write_text("\n".join(log) + "\n", encoding="utf-8")
        return outcome.finished

    def check(self, assignment: Path, result: Path) -> Finished:
        """Judge a result afresh: clone its bundle, compare it with the output, run its commands again.

        Writes ``check.json`` (``ok``, ``problems``, ``commands``). Content is judged as every
        executor's.
        """
        with _refusals([]) as outcome:
            order = read_order(assignment)
            content = order.workflow == "content"
            judge = check_content if content else _check_scaffold
            outcome.finished = judge(order, assignment.parent, result)
        return outcome.finished

    def _scaffold(self, order: WorkOrder, root: Path, result: Path, log: list[str]) -> Finished:
        plan = derive(order.idea, order.title)
        choice = choose(visible(order.idea), order.stack)
        if choice.doubt:
            plan = replace(plan, open_questions=(choice.doubt, *plan.open_questions))
        log.append(f"explore: {len(plan.issues)} issues, {len(plan.open_questions)} open questions")
        log.append(f"plan: stack {choice.stack.name}, because {choice.reason}")
        render(order, plan, choice, root, self._templates)
        log.append(f"scaffold: {', '.join(choice.stack.layers)}\n")
        workspace = Workspace(root, order.time_limit, log)
        made = _proved_and_committed(workspace)
        workspace.git("bundle", "create", "--quiet", str((result / BUNDLE_FILE).absolute()), "HEAD", "main")
        output = _output(plan, choice, made)
        (result / OUTPUT_FILE).write_text(output.model_dump_json(indent=2) + "\n", encoding="utf-8")
        tests = "1 test" if made.tests == 1 else f"{made.tests} tests"
        return Finished(
            True,
            f"Scaffolded {names_for(order.project).project} ({choice.stack.name}): {len(made.files)} files, "
            f"{len(plan.issues)} issues planned, {tests} run and passed.",
            OUTPUT_FILE,
        )


def read_order(assignment: Path) -> WorkOrder:
    """The work order in a file. Raises OrderRefused where it is unreadable or cannot be carried out."""
    try:
        order = WorkOrder.model_validate_json(assignment.read_bytes())
    except OSError as error:
        raise OrderRefused(f"the assignment {assignment.name} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise OrderRefused(f"{assignment.name} is no work order: {place}: {first['msg']}") from error
    if order.workflow not in _WORKFLOWS:
        name = one_line(order.workflow, 40)
        raise OrderRefused(
            f"{name} needs a coding agent, and the template executor is none: it makes scaffolds and "
            f"content. Name an agent in `pools.{name}.executor` of .github/orchestrator.yml "
            f"({', '.join(built_in())}), or do the task by hand"
        )
    if len(order.idea) > LONGEST_IDEA:
        raise OrderRefused(
            f"the idea has {len(order.idea):,} characters and may have {LONGEST_IDEA:,}; shorten it"
        )
    if not any(char.isalnum() for char in order.idea):
        raise OrderRefused("the idea is empty; say in a sentence what should be built and dispatch again")
    try:
        names_for(order.project)
    except ValueError as error:
        raise OrderRefused(str(error)) from error
    return order


def _check_scaffold(order: WorkOrder, _: Path, result: Path) -> Finished:
    report = result / CHECK_FILE
    problems = verify(result / BUNDLE_FILE, result / OUTPUT_FILE, report, order.time_limit)
    summary = (
        f"The scaffold does not hold what its output says: {problems[0]}."
        if problems
        else "The scaffold agrees with its output; its tests pass on a clean clone."
    )
    return Finished(not problems, one_line(summary, 500), CHECK_FILE)


@dataclass(slots=True)
class _Outcome:
    finished: Finished


@contextlib.contextmanager
def _refusals(log: list[str]) -> Iterator[_Outcome]:
    """Turn what is foreseen to go wrong into one line for people, in the log as well."""
    outcome = _Outcome(Finished(False, "Nothing was done."))
    try:
        yield outcome
    except OrderRefused as error:
        outcome.finished = Finished(False, f"Not done: {error}.", retry=False, failure=FailureKind.SETUP)
    except RenderFailed as error:
        outcome.finished = Finished(False, one_line(f"The scaffold was not made: {error}.", 500))
    except CommandFailed as error:
        last = one_line(error.ran.output.strip().rsplit("\n", 1)[-1], 300)
        last = f" ({last})" if last else ""
        outcome.finished = Finished(False, f"The scaffold was not handed on: {error}{last}.")
    except OSError as error:
        outcome.finished = Finished(False, f"Genesis could not work with its files: {error}.")
    if not outcome.finished.ok:
        log.append(outcome.finished.summary)


def _clear(result: Path) -> None:
    """Leave nothing of an earlier attempt that could be taken for this one's."""
    result.mkdir(parents=True, exist_ok=True)
    for name in (OUTPUT_FILE, BUNDLE_FILE, LOG_FILE, CHECK_FILE, CHANGE, handing.CONTENT):
        (result / name).unlink(missing_ok=True)


def _proved_and_committed(workspace: Workspace) -> _Made:
    """Run the scaffold's tests and lint, then commit it. Raises CommandFailed."""
    tests = workspace.run(COMMANDS.test.split()).tests
    workspace.run(COMMANDS.lint.split())
    commit_id = commit(workspace)
    return _Made(commit_id, workspace.files(), tests)


def _output(plan: Plan, choice: Choice, made: _Made) -> GenesisOutput:
    return GenesisOutput(
        title=plan.title,
        summary=plan.summary,
        commit=made.commit,
        files=made.files,
        issues=plan.issues,
        stack=choice.stack.name,
        commands=COMMANDS,
        tests_run=made.tests,
        risks=plan.risks,
        open_questions=plan.open_questions,
        executor=TemplateExecutor.name,
    )
