"""The loop of a worker process: takes what it is given, reports, beats, drains."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.app import work
from bot.app.process import App
from bot.app.publishing.publication import Outside
from bot.app.worker.job import Job, Step
from bot.app.worker.machine import Machine
from bot.app.worker.outage import Outage
from bot.app.worker.pace import is_due, pace, pause, recent
from bot.app.worker.plan import Plan, plan, slots, work_seconds
from bot.app.worker.registration import Refused
from bot.app.worker.voice import Voice
from bot.app.workspace import Claimant, Workspace
from bot.domain.beats import Dropped, Phase
from bot.domain.errors import OrchestratorError, StoreUnavailable, UsageError
from bot.domain.events.batch import WorkerEvent
from bot.domain.events.worked import WorkerBeat
from bot.domain.instances import Assignment
from bot.domain.state import State

log = logging.getLogger("orchestrator")
INTERRUPTED = 130
"""The exit code after being asked twice to end, as of a program that was interrupted."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Where a process works, and how often it looks."""

    folder: Path
    """Its workspaces; a directory for each start, one for each assignment in that."""
    poll: float
    """Seconds between two looks at the branch's head."""


@dataclass(slots=True)
class WorkerLoop:
    """One start of a worker process, once it is registered."""

    app: App
    machine: Machine
    outside: Outside
    settings: Settings
    voice: Voice
    state: State
    """As its registration was saved."""

    _jobs: dict[str, Job] = field(default_factory=dict)
    """By the assignment's id."""
    _outage: Outage = field(default_factory=Outage)
    _head: str | None = None
    _moves: list[float] = field(default_factory=list)
    """When the branch was seen to have moved."""
    _poll_at: float = 0.0
    _signed_at: float = 0.0
    """When the fleet last heard of this process."""
    _beaten_at: float = 0.0
    """When it last heard of its progress."""
    _draining: bool = False
    _drain_told: bool = False
    _over: bool = False

    def run(self) -> int:
        """Work until somebody asks it to end; returns the exit code. Raises Refused."""
        self._signed_at = self._now()
        try:
            self._tidy()
            while not self._over:
                self._turn()
                if not self._over:
                    self.machine.wait(self._rest())
            return 0
        except KeyboardInterrupt:
            log.info("asked again to end: stops %d and gives it back", len(self._jobs))
            self._abandon("its process was ended")
            return INTERRUPTED
        except OSError as error:
            self._abandon("its machine has no room to work")
            raise UsageError(
                f"{self.settings.folder} cannot be worked in ({error.strerror or error}); "
                "make room there, or name another place with --workspace"
            ) from error
        finally:
            self._stop_all()

    def _tidy(self) -> None:
        """Remove what earlier starts left; whatever they held was taken back by the registration."""
        for left in self.machine.others(self._home):
            self.machine.clear(left)
            log.info("cleaned up after an earlier start: %s", left.name)

    # one turn

    def _turn(self) -> None:
        now = self._now()
        if self.machine.asked and not self._draining:
            self._draining = True
            self._outage.hurry()
            log.info("draining: takes nothing more, finishes %d; ask again to give it back", len(self._jobs))
        for job in self._jobs.values():
            before = job.step
            job.advance(self.machine, now)
            if self._outage.began is not None and job.step is Step.REPORT is not before:
                log.info("%s: the work is over, its report waits for the network", job.who.task)
        if now < self._outage.again_at:
            return
        try:
            self._converse()
        except Refused:
            raise
        except OrchestratorError as error:
            self._outage.failed(error, self._now())
            if self._draining and not self._jobs:
                log.warning("leaves without a word; its silence will tell")
                self._over = True
        else:
            self._outage.over(self._now())

    def _converse(self) -> None:
        """Everything that needs the fleet. Raises what the state's remote raises."""
        if self._now() >= self._poll_at:
            self._look()
        self._follow()
        for job in [job for job in self._jobs.values() if job.step is Step.REPORT]:
            if self._now() >= job.again_at:
                self._report(job)
        if self._draining and not self._jobs:
            self._send([self.voice.beat(phase=Phase.GONE)])
            log.info("left: nothing is held any more")
            self._over = True
        else:
            self._beat()

    def _look(self) -> None:
        """Ask for the head; read the state only where that has moved."""
        now = self._now()
        seen = self.app.store.peek()
        if seen.version != self._head:
            self._moves = [*recent(self._moves, now), now]
            look = self.app.store.load()
            self.state, self._head = self.app.load(look), look.version
        self._poll_at = now + self.settings.poll

    def _follow(self) -> None:
        """Do what the state says, and stop what it no longer says."""
        due = self._plan()
        for id_ in due.lost:
            self._end(self._jobs[id_])
            log.warning("%s: the lease is lost; its work is stopped and cleaned up", id_)
        if due.replaced:
            raise Refused(
                f"{self._id} is no longer this process's: another one has registered under the id, or its "
                "workers were removed. All work was stopped; give each process an --id of its own"
            )
        if due.waiting and not self._draining:
            claims = [work.claimed(self._claimant(held), self.app) for held in due.waiting]
            self._send([*claims, *self._along()])
            due = self._plan()
        for held in due.begin:
            self._begin(held)

    def _plan(self) -> Plan:
        return plan(self.state, self._id, self.voice.session, self._jobs)

    def _begin(self, held: Assignment) -> None:
        who = self._claimant(held)
        if (order := work.granted(self.state, who)) is None:
            return
        workspace, now = Workspace(self._home / str(held.lease)), self._now()
        work.prepare(self.app, workspace, order, self.state, self.outside)
        seconds = work_seconds(order.time_limit, (held.expires_at - self.app.now()).total_seconds())
        job = Job(who, workspace, began=now, deadline=now + seconds)
        self._jobs[held.id] = job
        self._signed_at = now  # a claim shows that this process lives
        log.info("took %s, attempt %d, at most %.0f min", order.task, order.attempt, seconds / 60)
        job.start(self.machine)

    def _claimant(self, held: Assignment) -> Claimant:
        return Claimant(held.id, self.voice.session, 1, "")

    def _report(self, job: Job) -> None:
        """Deliver a report; what stands in the way of this one alone does not hold up anything else."""
        id_, summary, now = job.who.assignment, job.summary, self._now()
        try:
            look, along = self.app.store.load(), self._along()
            held = work.report(self.app, job.who, job.workspace, self.outside, look, also=along)
        except StoreUnavailable:
            raise
        except OrchestratorError as error:
            if not job.failures:
                log.warning("%s cannot be delivered yet, tried again: %s", id_, " ".join(str(error).split()))
            job.failures += 1
            job.again_at = self._now() + pause(job.failures)
            return
        self._poll_at = self._now()
        self._end(job)
        if held:
            self._signed_at = self._now()
            log.info("%s: done in %.0f s: %s", job.who.task, now - job.began, summary)

    def _beat(self) -> None:
        """Say that it lives where that is due, and at once that it drains and what it has stopped."""
        due = self._plan()
        dropped = [Dropped(task=run.task, lease=run.lease, why="stopped") for run in due.stopped]
        if self._draining:
            dropped += [_given_back(held, "its process is draining") for held in due.waiting]
        told = not self._draining or self._drain_told
        since, pushes = self._now() - self._signed_at, len(recent(self._moves, self._now()))
        if dropped or not told or is_due(pace(self.state, self._id), since, pushes):
            self._send([self._told(dropped)])
            self._drain_told = self._draining

    def _told(self, dropped: Sequence[Dropped] = ()) -> WorkerBeat:
        phase = Phase.DRAINING if self._draining else Phase.WORKING
        self._beaten_at = self._now()
        return self.voice.beat(self._jobs.values(), phase, dropped)

    def _along(self) -> list[WorkerBeat]:
        """A beat that rides on another event's commit, so that progress is told however busy it is."""
        late = self._now() - self._beaten_at >= pace(self.state, self._id).interval / 2
        return [self._told()] if late and self._jobs else []

    def _send(self, events: Sequence[WorkerEvent]) -> None:
        self.state = self.app.process(events).state
        if any(isinstance(event, WorkerBeat) for event in events):
            self._signed_at = self._now()

    # the end

    def _end(self, job: Job) -> None:
        """Stop an assignment's work, whatever it is at, and clean up after it."""
        job.kill()
        self.machine.clear(job.workspace.root)
        del self._jobs[job.who.assignment]

    def _abandon(self, why: str) -> None:
        """Stop everything and give it back, with one attempt to say so."""
        self._stop_all()
        mine = slots(self.state, self._id, self.voice.session)
        held = [_given_back(one.assignment, why) for one in mine if one.assignment]
        try:
            self._send([self.voice.beat(phase=Phase.GONE, dropped=held)])
        except OrchestratorError as error:
            log.warning("could not give it back, its silence will tell: %s", " ".join(str(error).split()))

    def _stop_all(self) -> None:
        for job in list(self._jobs.values()):
            self._end(job)
        self.machine.clear(self._home)

    @property
    def _home(self) -> Path:
        return self.settings.folder / str(self.voice.session)

    @property
    def _id(self) -> str:
        return self.voice.me.id

    def _now(self) -> float:
        return self.app.clocks.monotonic()

    def _rest(self) -> float:
        """Seconds until something is due by itself."""
        reports = [job.again_at for job in self._jobs.values() if job.step is Step.REPORT]
        remote = max(min([self._poll_at, *reports]), self._outage.again_at)
        limits = [job.deadline for job in self._jobs.values() if job.child]
        return max(min([remote, *limits]) - self._now(), 0.0)


def _given_back(held: Assignment, why: str) -> Dropped:
    return Dropped(task=held.task, lease=held.lease, why=why)
