"""Turning what an agent left into what a workflow hands on: counted, checked, and safe to publish."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.domain.base import Frozen
from bot.domain.failures import FailureKind
from bot.domain.outputs import (
    ContentOutput,
    ContentPiece,
    Deployment,
    FeatureProgress,
    GenesisOutput,
    PlannedIssue,
    ProjectCommands,
    Remark,
)
from bot.domain.plans import plan_problems
from bot.domain.work import WorkOrder
from bot.executors.area import Refused, shown
from bot.executors.drafts import (
    ChangeDraft,
    ContentDraft,
    DeploymentDraft,
    GenesisDraft,
    PieceDraft,
    ReviewDraft,
)
from bot.executors.gates import Verdict, Written, judge, project_of, set_problems
from bot.executors.measuring import Measured, counted, gate_failed, measured
from bot.executors.prompting import planned_issue
from bot.executors.repository import BUNDLE, CHANGE, Repository, Taken
from bot.executors.untrusted import ZWJ, neutral, one_line, visible
from bot.executors.workspace import Ran, Workspace
from bot.ports.outside import Health

GENESIS, FEATURE, DEPLOYMENT, CONTENT = (
    "genesis-output.json", "feature.json", "deployment.json", "content-output.json",
)  # fmt: skip
_REMARKS = "review.json"
_LONGEST_BODY = 50_000
_LONGEST_TEXT = 2_000
"""Characters of a review's summary, and of one remark."""
_MOST_PROBLEMS = 20
"""Of the gates, that a writer is told at once; the log has all of them."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What is needed to judge one attempt's work."""

    order: WorkOrder
    name: str
    """The executor's."""
    repository: Repository
    branch: str
    result: Path
    seconds: float
    """For the project's own commands, together."""
    health: Health
    secrets: Sequence[str] = ()
    most: int = 50_000_000
    """Bytes that may be handed on."""
    workflows: bool = False
    """Whether ``.github/workflows`` may be changed."""
    note: str = ""
    """Follows each commit's message: who made it where that is not a matter of course."""
    onto: str = ""
    """The commit that was taken before in this attempt, where there is one."""

    def take(self, message: str) -> Taken:
        """The checkout as a commit that may be handed on. Raises Refused."""
        taken = self.repository.take(f"{message} {self.note}".strip(), self.branch, self.onto)
        allowed = self.workflows or self.order.workflow == "genesis"
        if problems := list(self.repository.problems(taken, self.most, workflows=allowed)):
            raise gate_failed(f"the work cannot be handed on: {shown(problems)}")
        if self.repository.holds(taken, self.secrets):
            raise Refused(
                "the work holds the agent's own key in one of its files, so nothing of it was handed on",
                FailureKind.OUTSIDE,
                retry=False,
            )
        return taken

    def write(self, name: str, content: Frozen) -> str:
        """An output file; returns its name. Raises Refused where the agent's key is in it."""
        text = content.model_dump_json(indent=2) + "\n"
        if any(value in text for value in self.secrets if value):
            raise Refused("the result holds the agent's own key", FailureKind.OUTSIDE, retry=False)
        (self.result / name).write_text(text, encoding="utf-8")
        return name


def known_commands(order: WorkOrder) -> ProjectCommands:
    """The project's commands as an earlier stage handed them on; empty ones where it did not."""
    genesis = order.outputs.get("genesis")
    found = genesis.get("commands") if isinstance(genesis, dict) else None
    return ProjectCommands.model_validate(found) if isinstance(found, dict) else ProjectCommands()


def genesis(bench: Bench, draft: GenesisDraft) -> tuple[str, str]:
    """Hand a new project on; returns a summary and the output's name."""
    if problem := next(plan_problems(draft.issues), ""):
        raise gate_failed(problem)
    taken = bench.take("Scaffold the project")
    if not taken.files:
        raise gate_failed("the checkout is empty")
    tests = measured(bench.repository.clean(taken.commit, bench.seconds), draft.commands).ran
    bench.repository.bundle(taken, bench.result / BUNDLE)
    keys = tuple(issue.key for issue in draft.issues)
    output = GenesisOutput(
        title=one_line(visible(draft.title), 200),
        summary=_safe(draft.summary),
        commit=taken.commit,
        files=taken.files,
        issues=tuple(_issue(issue, keys) for issue in draft.issues),
        stack=one_line(visible(draft.stack), 100),
        commands=draft.commands,
        tests_run=tests,
        risks=tuple(one_line(visible(risk), 500) for risk in draft.risks),
        open_questions=tuple(one_line(visible(text), 1_000) for text in draft.open_questions),
        executor=bench.name,
    )
    name = bench.write(GENESIS, output)
    return f"{len(taken.files)} files, {len(keys)} issues planned, {tests} tests run and passed", name


def _issue(issue: PlannedIssue, keys: Sequence[str]) -> PlannedIssue:
    """The issue with nothing in it that GitHub or the bot would act on, but the references that are meant."""
    body = _safe(issue.body[:_LONGEST_BODY])
    for key in keys:
        body = body.replace(f"{{{ZWJ}{{issue:{key}}}}}", f"{{{{issue:{key}}}}}")
    return issue.model_copy(
        update={
            "title": one_line(visible(issue.title), 200),
            "body": body,
            "acceptance": tuple(one_line(visible(line), 500) for line in issue.acceptance),
            "touches": tuple(one_line(visible(path), 300) for path in issue.touches),
            "number": None,
        }
    )


def _safe(text: str) -> str:
    return neutral(visible(text))


def change(bench: Bench, draft: ChangeDraft) -> tuple[str, str]:
    """Hand on what a task of tests, a feature or performance changed."""
    order = bench.order
    taken = bench.take(f"{order.specialty.capitalize()}: {order.item or order.task}")
    if not taken.changed:
        raise gate_failed("nothing was changed")
    known = known_commands(order)
    commands = known if known.test else draft.commands
    clone = bench.repository.clean(taken.commit, bench.seconds)
    writes_tests = order.specialty == "tests"
    if writes_tests and not any("test" in path.lower() or "spec" in path.lower() for path in taken.changed):
        raise gate_failed("no file of tests was changed")
    found = measured(clone, commands, may_fail=writes_tests)
    bench.repository.bundle(taken, bench.result / CHANGE)
    says = f"{len(taken.changed)} files changed, {found.says}"
    if order.specialty == "performance":
        return says, ""
    return says, bench.write(FEATURE, _progress(bench, found))


def _progress(bench: Bench, found: Measured) -> FeatureProgress:
    issue = planned_issue(bench.order) or {}
    number = issue.get("number")
    return FeatureProgress(
        key=bench.order.item or bench.order.task,
        number=number if isinstance(number, int) else None,
        branch=bench.branch,
        executor=bench.name,
        tests_run=found.ran,
        tests_passed=found.passed,
        coverage=found.coverage,
    )


def review(bench: Bench, draft: ReviewDraft, commit: str) -> tuple[str, str]:
    """Hand a review's verdict on, with the tests counted at the commit that was judged.

    One that asks for changes is a review that was done: what becomes of it is decided by whoever is told.
    """
    bench.write(_REMARKS, draft)
    clone, commands = bench.repository.clean(commit, bench.seconds), known_commands(bench.order)
    approves = draft.verdict == "approve"
    found = measured(clone, commands) if approves else counted(clone, commands)
    progress = _progress(bench, found).model_copy(
        update={
            "verdict": "approved" if approves else "changes",
            "review": _safe(draft.summary)[:_LONGEST_TEXT],
            "remarks": tuple(
                Remark(
                    path=one_line(visible(comment.path), 500),
                    line=comment.line,
                    text=_safe(comment.text)[:_LONGEST_TEXT] or "–",
                )
                for comment in draft.comments
            ),
        }
    )
    name = bench.write(FEATURE, progress)
    if approves:
        return f"approved; {found.says}", name
    return f"changes are asked for: {one_line(visible(draft.summary), 300)}; {found.says}", name


def deployment(bench: Bench, draft: DeploymentDraft) -> tuple[str, str]:
    """Hand on where the application answers, once it did, and what was changed for it."""
    taken = bench.take("Deployment")
    url = draft.deployment.url
    wanted = bench.order.deployment.health
    seconds = min(wanted.seconds, max(int(bench.seconds), 1))
    seen = bench.health(url, wanted.model_copy(update={"seconds": seconds}))
    if not seen.ok:
        raise gate_failed(f"{one_line(url, 200)} was asked and does not answer as it has to: {seen.says}")
    commit = bench.repository.base
    if taken.changed:
        bench.repository.bundle(taken, bench.result / CHANGE)
        commit = taken.commit
    deployed = Deployment(kind="address", url=url, health=seen.says, commit=commit)
    return f"deployed to {one_line(url, 200)}: {seen.says}", bench.write(DEPLOYMENT, deployed)


def content(bench: Bench, draft: ContentDraft, *, rewritten: bool = False) -> tuple[str, str]:
    """Hand on pieces of content: each is a file of the branch, its words counted, its gates passed.

    ``rewritten``: the writer makes every piece anew, so one that came out as it was before counts too.
    """
    taken = bench.take(f"Content: {bench.order.specialty}")
    there = taken.files if rewritten else taken.changed
    if missing := [piece.file for piece in draft.pieces if piece.file not in there]:
        raise gate_failed(f"named as written, and not changed: {shown(missing)}")
    clone = bench.repository.clean(taken.commit, bench.seconds)
    verdicts = judged(bench.order, clone, taken.files, bench.branch, draft.pieces)
    lacking = set_problems(bench.order.pieces, ((piece.kind, piece.file) for piece in draft.pieces))
    if problems := [*lacking, *(problem for verdict in verdicts for problem in verdict.problems)]:
        clone.note("\n".join(("Gates that did not pass:", *problems)))
        raise gate_failed("; ".join(problems[:_MOST_PROBLEMS]))
    pieces = tuple(
        ContentPiece(
            kind=one_line(visible(piece.kind), 60),
            specialty=bench.order.specialty,
            executor=bench.name,
            file=piece.file,
            words=len(bench.repository.content(taken.commit, piece.file).split()),
            channel=one_line(visible(piece.channel), 100),
            facts=tuple(one_line(visible(fact), 500) for fact in piece.facts),
            gates=verdict.gates,
            unchecked=verdict.unchecked,
        )
        for piece, verdict in zip(draft.pieces, verdicts, strict=True)
    )
    bench.repository.bundle(taken, bench.result / CHANGE)
    words = sum(piece.words for piece in pieces)
    opened = sorted({reason for piece in pieces for reason in piece.unchecked})
    says = "; ".join((f"{len(pieces)} pieces, {words} words, their gates passed", *opened))
    return says, bench.write(CONTENT, ContentOutput(pieces=pieces))


def judged(
    order: WorkOrder,
    clone: Workspace,
    files: tuple[str, ...],
    branch: str,
    pieces: Sequence[PieceDraft | ContentPiece],
) -> list[Verdict]:
    """The gates' verdicts on the pieces in a clean clone."""
    written = [Written(piece.kind, order.specialty, piece.file) for piece in pieces]
    return judge(written, project_of(order, clone.root, files, branch))


def write_report(path: Path, problems: Sequence[str], commands: Sequence[Ran] = ()) -> None:
    """``check.json``, as every executor's check leaves it."""
    body = {
        "ok": not problems,
        "problems": list(problems),
        "commands": [ran.record() for ran in commands],
    }
    path.write_text(json.dumps(body, indent=2, sort_keys=True) + "\n", encoding="utf-8")
