"""Does the work with a command-line agent: prepare, run within limits, take over what holds.

Which agent is data (``bot.domain.profiles``). The agent never gets a GitHub token, and nothing that it made
is believed before it was measured here, and again by ``check`` on a machine of its own.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.failures import FailureKind
from bot.domain.profiles import Profile
from bot.domain.sessions import FILE
from bot.domain.work import WorkOrder
from bot.executors import handing
from bot.executors.answers import Answer
from bot.executors.area import Area, Guard, Refused, open_area, secrets, shown
from bot.executors.attempting import LOG_FILE, clear, read_order
from bot.executors.calling import Given, call
from bot.executors.checking import check
from bot.executors.drafts import (
    ChangeDraft,
    ContentDraft,
    DeploymentDraft,
    GenesisDraft,
    ReviewDraft,
    expected,
    read_draft,
)
from bot.executors.explaining import explained, worth_retrying
from bot.executors.prompting import CORRECTION, problem_file, render, template_name, write_input
from bot.executors.repository import Repository, branch_of
from bot.executors.session_files import NotKept, seal, unseal
from bot.executors.transcript import Mask, Transcript
from bot.executors.untrusted import one_line, visible
from bot.executors.workspace import CommandFailed
from bot.ports.executor import Finished
from bot.ports.outside import Health

_SHARE = 0.85
"""Of the time limit, what the agent has; the rest is for judging and taking over what it made."""
_TOO_LATE = 20.0
"""Seconds: with less left, no second round is begun."""


_UNKNOWN = frozenset({FailureKind.ERROR, FailureKind.GARBAGE})
"""How a call ends whose session the agent does not know."""
_GOES_ON = frozenset(
    {
        None,
        FailureKind.INVALID,
        FailureKind.TURNS,
        FailureKind.TIME,
        FailureKind.BUDGET,
        FailureKind.RATE_LIMIT,
    }
)
"""After what a session can be gone on with. After another failure it may be the session that is broken."""


class AgentExecutor:
    """Any agent that is a program, by its profile."""

    def __init__(
        self,
        name: str,
        profile: Profile,
        environ: Mapping[str, str],
        health: Health,
        prompts: Path | None = None,
    ) -> None:
        """``environ`` is where the agent's key is found; ``prompts`` the repository's own templates."""
        self.name = name
        self._profile = profile
        self._environ = environ
        self._health = health
        self._prompts = prompts

    def run(self, assignment: Path, result: Path) -> Finished:
        """Work on an order. What goes wrong is told in what is returned; nothing is raised for it."""
        spent = Finished(False, "")
        try:
            clear(result)
            order = read_order(assignment)
            keys = secrets(self._profile, self._environ)
            with (
                open_area() as area,
                Transcript(result / LOG_FILE, Mask(keys.values())) as transcript,
            ):
                work = _Work(self, order, area, transcript, assignment.parent, result, keys)
                return work.carry_out()
        except Refused as error:
            kind, retry = error.kind, error.retry
            message = f"Not done: {error}."
        except OSError as error:
            kind, retry = FailureKind.SETUP, True
            message = f"{self.name} could not work with its files: {error}."
        return replace(spent, summary=one_line(message, 500), failure=kind, retry=retry)

    def check(self, assignment: Path, result: Path) -> Finished:
        """Judge what was handed on, with no key and no agent."""
        try:
            return check(read_order(assignment), assignment.parent, result, self._health)
        except (Refused, CommandFailed, OSError) as error:
            return Finished(False, one_line(f"The check could not be made: {error}.", 500))


@dataclass(slots=True)
class _Work:
    """One attempt at one order."""

    executor: AgentExecutor
    order: WorkOrder
    area: Area
    transcript: Transcript
    handed: Path
    result: Path
    keys: Mapping[str, str]
    """The agent's, by their names."""
    spent: Finished = field(default_factory=lambda: Finished(False, ""))
    log: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def carry_out(self) -> Finished:
        """Prepare, run, hand on; whatever becomes of it, what it cost is kept."""
        mask = Mask(self.keys.values())
        try:
            says, output = self._work()
        except CommandFailed as error:
            summary = one_line(mask.text(f"{self.executor.name}: {error}."), 500)
            finished = replace(self.spent, summary=summary, failure=FailureKind.INVALID)
        except Refused as error:
            summary = one_line(mask.text(f"{self.executor.name}: {error}."), 500)
            finished = replace(self.spent, summary=summary, failure=error.kind, retry=error.retry,
                               rework=error.kind is FailureKind.INVALID)  # fmt: skip
        else:
            summary = one_line(mask.text(f"Done by {self.executor.name}: {says}."), 500)
            finished = replace(self.spent, ok=True, summary=summary, output=output)
        self._keep_session(finished)
        for entry in self.log:
            for line in entry.split("\n"):
                self.transcript.note(line)
        self.transcript.note(finished.summary)
        return finished

    def _work(self) -> tuple[str, str]:
        profile, order = self.executor._profile, self.order
        wanted = expected(order)
        template = template_name(order)
        branch = "main" if order.workflow == "genesis" else branch_of(order)
        repository = Repository(self.area, self.log)
        if order.workflow == "genesis":
            repository.begin()
        else:
            repository.clone(order, self.handed, branch)
        conflicts, own = repository.conflicts, self.executor._prompts
        write_input(order, self.area, wanted, conflicts)
        bench = handing.Bench(
            order, self.executor.name, repository, branch, self.result,
            max(order.time_limit * (1 - _SHARE), 60.0), self.executor._health,
            tuple(self.keys.values()),
            most=profile.limits.result_megabytes * 1_000_000, workflows=profile.workflows,
        )  # fmt: skip

        def prompt(name: str, *, again: bool = False) -> str:
            return render(name, order, profile, self.area, wanted, own, conflicts, again=again)

        answer = self._begin(lambda again: prompt(CORRECTION if again else template, again=again))
        try:
            return self._hand_on(bench, answer)
        except Refused as problem:
            if problem.kind is not FailureKind.INVALID or not problem.retry or not self._can_go_on(answer):
                raise
            self.transcript.note(f"refused, and given back once: {problem}")
            file = problem_file(str(problem))
            (self.area.input / file.name).write_text(file.text(), encoding="utf-8")
        return self._hand_on(bench, self._ask(profile.resume, prompt(CORRECTION), answer.session))

    def _begin(self, prompt: Callable[[bool], str]) -> Answer:
        """The first call: it goes on with the session of the attempt before, or begins a new one.

        A session that the agent does not know, or cannot go on with, is no failed attempt: where it ended
        before it did anything, a new one is begun.
        """
        profile, session = self.executor._profile, self._restored()
        if session:
            before = self.spent
            try:
                return self._ask(profile.resume, prompt(True), session)
            except Refused as problem:
                did = (self.spent.turns, self.spent.tokens) != (before.turns, before.tokens)
                if did or problem.kind not in _UNKNOWN:
                    raise
                self.transcript.note(f"the session {session} cannot be gone on with ({problem})")
        return self._ask(profile.command, prompt(False))

    def _restored(self) -> str:
        """The session of the attempt before, once its files are in the agent's home; else nothing."""
        profile, order, sealed = self.executor._profile, self.order, self.handed / FILE
        if not (order.session and profile.resume and profile.sessions == "keep" and profile.home == "own"):
            return ""
        try:
            files = unseal(profile, self.area, self.keys, order.task, sealed)
        except NotKept as reason:
            self.transcript.note(f"a new session, as that of the attempt before is not usable: {reason}")
            return ""
        self.transcript.note(f"goes on with the session {order.session} of an attempt before ({files} files)")
        return order.session

    def _keep_session(self, finished: Finished) -> None:
        """Leave the session's files for the next attempt, where that could go on with them."""
        profile = self.executor._profile
        wanted = profile.sessions == "keep" and profile.resume and profile.session_files
        if not wanted or not finished.session or finished.failure not in _GOES_ON or profile.home == "user":
            return
        try:
            sealed = seal(profile, self.area, self.keys, self.order.task)
            (self.result / FILE).write_bytes(sealed)
        except (NotKept, OSError) as reason:
            self.transcript.note(f"the session is not kept for another attempt: {reason}")
        else:
            self.transcript.note(f"the session is kept for another attempt: {len(sealed):,} bytes, sealed")

    def _can_go_on(self, answer: Answer) -> bool:
        profile = self.executor._profile
        broke = profile.limits.dollars is not None and self._dollars_left() <= 0
        return bool(profile.resume and answer.session) and self._seconds_left() > _TOO_LATE and not broke

    def _seconds_left(self) -> float:
        return self.order.time_limit * _SHARE - (time.monotonic() - self.began)

    def _dollars_left(self) -> float:
        return (self.executor._profile.limits.dollars or 0.0) - self.spent.spend

    def _ask(self, command: tuple[str, ...], prompt: str, session: str = "") -> Answer:
        """Run the agent once. Raises Refused where it failed, or touched what is none of its business."""
        executor = self.executor
        guard = Guard(self._none_of_its_business(), _home(executor._environ), but=[self.result / LOG_FILE])
        given = Given(prompt, session, self._seconds_left(), self._dollars_left())
        answer = call(command, executor._profile, self.area, executor._environ, self.transcript, given)
        self._count(answer)
        if changed := [*guard.changed(), *self.area.strangers()]:
            raise Refused(
                f"it wrote outside of its workspace ({shown(changed)}), so nothing of its work was taken",
                FailureKind.OUTSIDE,
                retry=False,
            )
        if answer.failure:
            said = one_line(visible(answer.error), 300)
            raise Refused(
                explained(answer.failure, executor.name, executor._profile, self.order.time_limit, said),
                answer.failure,
                retry=worth_retrying(answer.failure),
            )
        return answer

    def _none_of_its_business(self) -> list[Path]:
        package = Path(__file__).resolve().parent.parent
        return [self.handed, self.result, package, *filter(None, [self.executor._prompts])]

    def _count(self, answer: Answer) -> None:
        """Add what a run of the agent cost to what this attempt cost."""
        self.spent = replace(
            self.spent,
            spend=round(self.spent.spend + answer.cost, 6),
            turns=self.spent.turns + answer.turns,
            tokens=self.spent.tokens + answer.tokens,
            session=answer.session or self.spent.session,
        )

    def _hand_on(self, bench: handing.Bench, answer: Answer) -> tuple[str, str]:
        draft = read_draft(self.area.result, expected(self.order))
        match draft:
            case GenesisDraft():
                return handing.genesis(bench, draft)
            case ReviewDraft():
                return handing.review(bench, draft, bench.repository.base)
            case DeploymentDraft():
                return handing.deployment(bench, draft)
            case ContentDraft():
                return handing.content(bench, draft)
            case ChangeDraft():
                return handing.change(bench, draft)
        raise Refused(f"nothing is known of {type(draft).__name__}", retry=False)


def _home(environ: Mapping[str, str]) -> Path | None:
    """The user's home, unless that is the machine's root or nothing."""
    home = environ.get("HOME", "")
    return Path(home) if home and home != os.sep and Path(home).is_dir() else None
