"""Worker processes on machines of their own: they register, beat, work, fall silent, leave and start anew."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.app.process import App
from bot.app.workspace import Claimant
from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.events.worked import WorkerBeat
from bot.domain.instances import Assignment
from bot.domain.state import State
from bot.domain.vocabulary import Workflow


@dataclass
class Outpost:
    """One process, as its machine knows it."""

    id: str
    workflow: Workflow
    specialties: tuple[str, ...] = ()
    slots: int = 1
    session: int = 0
    number: int = 0
    phase: Phase = Phase.GONE
    said: list[WorkerBeat] = field(default_factory=list)

    @property
    def lives(self) -> bool:
        """Whether there is a process."""
        return self.phase is not Phase.GONE

    def start(self) -> None:
        """A new process of this id; the one before is gone, whatever it was about to say."""
        self.session, self.number, self.phase = self.session + 1, 0, Phase.WORKING

    def beat(self, app: App, state: State, *, drops: bool = False) -> WorkerBeat:
        """The next thing that it says of itself."""
        self.number += 1
        held = self.held(state)
        beat = WorkerBeat(
            worker=self.id,
            session=self.session,
            number=self.number,
            at=app.now(),
            workflow=self.workflow,
            specialties=self.specialties,
            slots=self.slots,
            phase=self.phase,
            progress=tuple(
                Progress(task=one.task, lease=one.lease, at=app.now()) for one in held if one.claimed_at
            ),
            dropped=tuple(Dropped(task=one.task, lease=one.lease, why="full") for one in held if drops),
        )
        self.said.append(beat)
        return beat

    def held(self, state: State) -> list[Assignment]:
        """What the state gives to this start of the process."""
        mine = [
            worker.assignment
            for worker in state.instances.values()
            if (worker.process, worker.session) == (self.id, self.session) and worker.assignment
        ]
        return sorted(mine, key=lambda one: one.lease)

    def claimant(self, assignment: str) -> Claimant:
        """Who claims and reports: the session stands for the run."""
        return Claimant(assignment, self.session, 1, "")


def outposts() -> list[Outpost]:
    """A newcomer, one with two slots, and one that takes a worker of the roster over."""
    return [
        Outpost("far-01", Workflow.GENESIS),
        Outpost("far-02", Workflow.DEVELOPMENT, ("feature", "tests"), slots=2),
        Outpost("content-01", Workflow.CONTENT),
    ]
