"""What a worker process says of itself, as events: its beats, in one order for each start."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.app.process import App
from bot.app.worker.identity import Identity
from bot.app.worker.job import Job
from bot.app.worker.machine import Machine
from bot.domain.beats import Dropped, Phase, Progress
from bot.domain.events.worked import WorkerBeat


@dataclass(slots=True)
class Voice:
    """The beats of one start of a process."""

    app: App
    machine: Machine
    me: Identity
    session: int
    number: int = 0

    def beat(
        self,
        jobs: Iterable[Job] = (),
        phase: Phase = Phase.WORKING,
        dropped: Sequence[Dropped] = (),
    ) -> WorkerBeat:
        """The next beat; ``dropped`` is what is given back, or was stopped as it was asked for."""
        self.number += 1
        return WorkerBeat(
            worker=self.me.id,
            session=self.session,
            number=self.number,
            at=self.app.now(),
            workflow=self.me.workflow,
            specialties=self.me.specialties,
            region=self.me.region,
            slots=self.me.slots,
            phase=phase,
            progress=tuple(told for job in jobs if (told := self._progress(job)) is not None),
            dropped=tuple(dropped),
        )

    def _progress(self, job: Job) -> Progress | None:
        """When a workspace last changed, brought from this machine's clock to the fleet's by its age."""
        changed = self.machine.changed_at(job.workspace.root)
        if changed is None:
            return None
        age = timedelta(seconds=max(self.app.clocks.wall().timestamp() - changed, 0.0))
        return Progress(task=job.who.task, lease=job.who.lease, at=self.app.now() - age)
