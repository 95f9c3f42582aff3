"""What must hold of worker processes whatever happens: random lives of two of them, over ``decide``."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.decide import decide
from bot.domain import files, invariants
from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.config import Config
from bot.domain.events.batch import Event
from bot.domain.events.worked import WorkerBeat
from bot.domain.external import External
from bot.domain.instances import Assignment
from bot.domain.processes import slots_of
from bot.domain.state import State
from bot.domain.vocabulary import WorkerStatus
from bot.policies.outside.ledger import is_settled
from tests.core.processes import alone, beat, claim, look, publication, report
from tests.core.worlds import START, assignments, begun, comment

SLOTS = {"far-01": 2, "far-02": 1}
ALLOWED = timedelta(minutes=5)
"""What is allowed to two processes: the configured minutes."""

moves = st.one_of(
    st.tuples(st.sampled_from(["beat", "start", "drain", "gone", "old session"]), st.sampled_from([*SLOTS])),
    st.tuples(
        st.sampled_from(["claim", "claim", "done", "fail", "drop", "progress", "old lease"]),
        st.integers(0, 5),
    ),
    st.tuples(st.just("wait"), st.sampled_from([1, 2, 4, 5, 6, 11, 16, 31])),
    st.tuples(st.just("watch"), st.sampled_from([2, 5, 6, 16])),
    st.tuples(
        st.just("say"),
        st.sampled_from(["/dispatch-genesis More", "/restart far-01", "/scale-down genesis --drain"]),
    ),
)


class Life:
    """A fleet of two processes, and what its observers could know, kept beside the state."""

    def __init__(self) -> None:
        self.now = START
        self.state = begun(alone(Config(external=External(restart_workflow="start.yml"))))
        self.history: list[State] = [self.state]
        self.sessions = dict.fromkeys(SLOTS, 0)
        self.numbers = dict.fromkeys(SLOTS, 0)
        self.heard: dict[str, datetime] = {}
        self.watched = (START, START)
        """Since when without a gap, and the last look on record."""
        self.missed: dict[str, datetime] = {}
        """The first look that found a process silent for too long, if nothing was heard of it since."""
        self.leases: list[Assignment] = []
        self.comments = 0
        for process in SLOTS:
            self.settle(self.speak(process, anew=True))
        for _ in range(3):
            self.settle(self.comment("/dispatch-genesis Idea"))

    # what may happen

    def step(self, kind: str, what: Any) -> None:
        self.now += timedelta(seconds=10)
        match kind:
            case "wait":
                self.now += timedelta(minutes=what)
                self.settle()
            case "watch":
                self.now += timedelta(minutes=what)
                self.settle(look(self.now, self.now - timedelta(minutes=what)))
            case "say":
                self.settle(self.comment(what))
            case "start":
                self.settle(self.speak(what, anew=True))
            case "beat" | "drain" | "gone":
                phase = {"beat": Phase.WORKING, "drain": Phase.DRAINING, "gone": Phase.GONE}[kind]
                self.settle(self.speak(what, phase=phase))
            case "old session":
                self.changes_nothing(self.old_beats(what))
            case "old lease":
                self.changes_nothing(self.old_words(what))
            case _:
                self.settle(*self.work(kind, what))

    def speak(self, process: str, *, anew: bool = False, **words: Any) -> WorkerBeat:
        if anew:
            self.sessions[process] += 1
            self.numbers[process] = 0
        self.numbers[process] += 1
        return self.words(process, self.sessions[process], self.numbers[process], **words)

    def words(self, process: str, session: int, number: int, **words: Any) -> WorkerBeat:
        said = beat(process, number, session=session, slots=SLOTS[process], **words)
        return said.model_copy(update={"at": self.now})

    def comment(self, body: str) -> Event:
        self.comments += 1
        return comment(self.comments, body, issue=self.comments, at=self.now)

    def old_beats(self, process: str) -> list[Event]:
        """Everything that a start of before may still say."""
        old = self.sessions[process] - 1
        if not old:
            return []
        held = tuple(Dropped(task=one.task, lease=one.lease) for one in assignments(self.state))
        return [
            self.words(process, old, 900, phase=Phase.GONE),
            self.words(process, old, 901, dropped=held),
            self.words(process, old, 1),
        ]

    def old_words(self, which: int) -> list[Event]:
        """A claim, reports and a publication under a lease that is over."""
        open_ = {one.lease for one in assignments(self.state)}
        over = [one for one in self.leases if one.lease not in open_]
        if not over:
            return []
        old = over[which % len(over)]
        said = [
            event
            for session in (1, *self.sessions.values())
            for event in (claim(old, session), report(old, session), report(old, session, ok=False))
        ]
        return [event.model_copy(update={"at": self.now}) for event in (*said, publication(old))]

    def work(self, kind: str, which: int) -> list[Event]:
        """What a process says of an assignment that it holds."""
        held = assignments(self.state)
        if not held:
            return []
        one = held[which % len(held)]
        process, session = next(
            (worker.process, worker.session)
            for worker in self.state.instances.values()
            if worker.assignment == one
        )
        if kind == "drop":
            return [self.speak(process, dropped=(Dropped(task=one.task, lease=one.lease),))]
        if kind == "progress":
            told = Progress(task=one.task, lease=one.lease, at=self.now)
            return [self.speak(process, progress=(told,))]
        said: list[Event] = [claim(one, session)]
        if kind == "done":
            said += [report(one, session), publication(one)]
        if kind == "fail":
            said += [report(one, session, ok=False, genesis=None, summary="it broke")]
        return [event.model_copy(update={"at": self.now}) for event in said]

    # what must hold

    def settle(self, *events: Event) -> None:
        before = self.state
        since, until = self.watched
        begun_at = next((one.watching_since for one in events if one.kind == "observed"), None) or self.now
        if begun_at - until > ALLOWED:
            since = begun_at
        since = min(since, begun_at)
        self.state = decide(before, events, self.now).state
        for process in SLOTS:
            fresh = [event for event in events if not is_settled(before.ledger, event)]
            if any(_speaks(before, event, process) for event in fresh):
                self.heard[process] = self.now
                self.missed.pop(process, None)
        if self.state is not before:
            self.watched = (since, self.now)
            self.history.append(self.state)
        self.nobody_died_too_soon(before, since)
        self.holds_together()

    def changes_nothing(self, events: list[Event]) -> None:
        self.settle()
        after = decide(self.state, events, self.now).state
        for name in ("projects", "instances", "queues", "genesis", "alerts", "recent", "journal", "outbox"):
            assert getattr(after, name) == getattr(self.state, name), name

    def nobody_died_too_soon(self, before: State, since: datetime) -> None:
        for process in SLOTS:
            was = {one.status for one in slots_of(before.instances.values(), process)}
            now = {one.status for one in slots_of(self.state.instances.values(), process)}
            if WorkerStatus.OFFLINE in now and WorkerStatus.OFFLINE not in was:
                looked = min(since, self.missed.get(process, since))
                assert self.now - max(self.heard[process], looked) > ALLOWED
            if process in self.heard and self.now - self.heard[process] > ALLOWED:
                self.missed.setdefault(process, self.now)

    def holds_together(self) -> None:
        invariants.check(self.state)
        assert decide(self.state, [], self.now).state is self.state
        held = assignments(self.state)
        assert len({one.task for one in held}) == len(held)
        known = {one.lease for one in self.leases}
        self.leases += [one for one in held if one.lease not in known]
        done = self.state.recent.completions
        assert len({(one.task, one.assigned_at, one.worker) for one in done}) == len(done)
        given = [one.task for one in self.leases]
        for project in self.state.projects.values():
            for task in project.tasks:
                assert task.attempt <= given.count(task.id)

    def replays(self) -> None:
        for parent, child in zip(self.history, self.history[1:], strict=False):
            assert child.events is not None
            again = decide(parent, child.events.events, child.events.now).state
            assert files.tree(again) == files.tree(child)


def _speaks(state: State, event: Event, process: str) -> bool:
    """Whether an event counts as hearing of a process, as far as it changes anything at all."""
    if event.kind == "beat":
        return event.worker == process
    if event.kind in ("claimed", "reported", "published"):
        slots = slots_of(state.instances.values(), process)
        return any(one.assignment and one.assignment.lease == event.lease for one in slots)
    return False


@settings(max_examples=60, deadline=None)
@given(st.lists(moves, min_size=5, max_size=25))
def test_whatever_processes_do_in_whatever_order(steps: list[tuple[str, Any]]) -> None:
    life = Life()
    for kind, what in steps:
        life.step(kind, what)
    life.replays()
