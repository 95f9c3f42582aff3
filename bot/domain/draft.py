"""A working copy of the state while one decision is made; only ``decide`` creates and freezes it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from bot.domain.config import Config
from bot.domain.controls import JOURNAL_LIMIT, Happening, Journal
from bot.domain.effects import (
    AlertsSent,
    AlertTold,
    Effect,
    Labels,
    Notice,
    Outbox,
    OutboxEntry,
    Progress,
    Status,
)
from bot.domain.events.batch import Batch, Event
from bot.domain.incidents import Incident
from bot.domain.instances import Instance
from bot.domain.models import Failure, Project, Queue, QueueItem, Task
from bot.domain.order import place
from bot.domain.outputs import ContentOutput, DevelopmentProgress, GenesisOutput
from bot.domain.quota import Purpose, Quota
from bot.domain.records import RECENT_LIMIT, Alert, Alerts, Completion, Recent
from bot.domain.state import State
from bot.domain.vocabulary import QueueName, Workflow
from bot.domain.watch import Slots


class Draft:
    """Mutable, but what it hands out and takes in are frozen models. ``now`` is its only clock."""

    def __init__(self, state: State, now: datetime) -> None:
        """Copies the indexes of ``state``, not its models."""
        self.base = state
        self.now = now
        self.projects: dict[str, Project] = dict(state.projects)
        self.genesis: dict[str, GenesisOutput] = dict(state.genesis)
        self.development: dict[str, DevelopmentProgress] = dict(state.development)
        self.content: dict[str, ContentOutput] = dict(state.content)
        self.instances: dict[str, Instance] = dict(state.instances)
        self.ledger = state.ledger
        self._config = state.config
        self.controls = state.controls
        self.watch = state.watch
        self.scaling = state.scaling
        self.usage = state.usage
        self.hours = state.hours
        self.predictions = state.predictions
        self.showing = state.showing
        self.archived = state.archived
        self.archive = ""
        """Where this decision may put finished projects: the archive branch's address; empty: nowhere."""
        self.restored: set[str] = set()
        """Projects that this decision has taken back from the archive."""
        self.quota: Quota | None = None
        """What this decision was told of the token's requests."""
        self.requests: Mapping[Purpose, int] = {}
        """What the run that this decision is made in has requested since it told last."""
        self.watching_since: datetime | None = None
        """Since when the observer that this decision is made for has looked without a gap, if it knows."""
        self.looks: tuple[Slots, ...] | None = None
        """Slots in which other runs of the monitor looked, where this decision knows of them."""
        self.looked = False
        """Whether a look at GitHub is among the events: it files what is missing, and what costs time and is
        not urgent is done then."""
        self.only_asked = False
        """Whether it is only asked if anything is due: what takes time is noted then, and not worked out."""
        self.made: dict[str, list[str]] = {}
        """Event → the projects that were asked for by it."""
        self.incidents: dict[str, Incident] = dict(state.incidents)
        self.alerts: tuple[Alert, ...] = state.alerts.items
        self.alerting: Alerts = state.alerts
        """What alerts are judged by; its ``items`` are those of the base, ``alerts`` counts."""
        self.raised: set[str] = set()
        """Ids of the conditions that were found while this decision was settled."""
        self.notices: list[tuple[str, Notice | AlertTold | AlertsSent]] = []
        """(id of the event or lease that it follows from, what to tell)."""
        self._deliver: dict[str, OutboxEntry] = {}
        self._outbox: dict[str, OutboxEntry] = {entry.id: entry for entry in state.outbox.entries}
        self._queues: dict[QueueName, dict[str, QueueItem]] = {}
        self._out_of_order: set[QueueName] = set()
        self._frozen_queues: dict[QueueName, Queue] = {}
        self._completions: list[Completion] = []
        self._reworked: dict[str, Workflow] = {}
        self._happenings: list[Happening] = []
        self._numbers: dict[str, int] = {}
        self._labels = {
            entry.effect.project: entry.id
            for entry in state.outbox.entries
            if isinstance(entry.effect, Labels)
        }

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self._config

    @config.setter
    def config(self, config: Config) -> None:
        """Queues are sorted again where the rules of their order have changed."""
        if config.queueing != self._config.queueing:
            self._out_of_order.update(QueueName)
        self._config = config

    def worker(self, id_: str) -> Instance:
        """A worker that somebody asked about; as it was before, where it has left in this very decision."""
        return self.instances.get(id_) or self.base.instances[id_]

    def fork(self) -> Draft:
        """A second draft with the same contents, to try something out on; what happens there stays there."""
        other = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict | list | set):
                setattr(other, name, copy(value))
        other._queues = {name: dict(queue) for name, queue in self._queues.items()}
        return other

    # projects and queues

    def put(self, project: Project) -> None:
        """Replace a project; its ``updated_at`` becomes now."""
        self.projects[project.id] = project.model_copy(update={"updated_at": self.now})

    def put_task(self, project_id: str, task: Task) -> None:
        """Replace one task of a project."""
        self.put_tasks(project_id, {task.id: task})

    def put_tasks(self, project_id: str, changed: Mapping[str, Task]) -> None:
        """Replace several tasks of a project at once, by their ids."""
        project = self.projects[project_id]
        tasks = tuple([changed.get(one.id, one) for one in project.tasks])
        self.projects[project_id] = project.model_copy(update={"tasks": tasks, "updated_at": self.now})

    def items(self, name: QueueName) -> Collection[QueueItem]:
        """A queue's items in no order that counts; costs nothing, unlike ``queue`` and ``ordered``."""
        return self._queues[name].values() if name in self._queues else self.base.queues[name].items

    def queue(self, name: QueueName) -> dict[str, QueueItem]:
        """A queue's items by task id, to be changed in place."""
        self._frozen_queues.pop(name, None)
        if name not in self._queues:
            items = self.base.queues[name].items
            self._queues[name] = {item.task: item for item in items}
        return self._queues[name]

    def depth(self, name: QueueName) -> int:
        """How long a queue is."""
        return len(self._queues[name]) if name in self._queues else len(self.base.queues[name].items)

    def enqueue(self, name: QueueName, project: Project, task: Task, error: Failure | None = None) -> None:
        """Put a task into a queue, or anew where it is there: its place follows from it and its project."""
        self._out_of_order.add(name)
        self.queue(name)[task.id] = QueueItem(
            task=task.id,
            project=project.id,
            priority=project.priority,
            enqueued_at=task.queued_at or self.now,
            attempt=task.attempt,
            specialty=task.specialty,
            front=task.front,
            reserved=task.reserved.worker if task.reserved else "",
            error=error,
        )

    def ordered(self, name: QueueName) -> list[QueueItem]:
        """A queue in its order: the file's, until something is put in."""
        queue = self.queue(name)
        if name in self._out_of_order:
            items = sorted(queue.values(), key=lambda item: place(item, self.config.queueing))
            queue.clear()
            queue.update((item.task, item) for item in items)
            self._out_of_order.remove(name)
        return list(queue.values())

    # effects

    def emit(self, cause: str, effect: Effect) -> None:
        """Ask for an effect; ``cause`` is the id of the event, or of the lease, that it follows from."""
        number = self._numbers.get(cause, 0)
        self._numbers[cause] = number + 1
        self._add(f"{cause}/{number}", effect)

    def labels_pending(self) -> set[str]:
        """Projects whose labels were asked for and not yet seen."""
        return {entry.effect.project for entry in self._outbox.values() if isinstance(entry.effect, Labels)}

    def labels_due(self, project_id: str) -> None:
        """Ask for a project's labels; one pending entry per project is enough."""
        if (due := self._labels.get(project_id)) is not None:
            self.void([due])
        id_ = f"labels-{project_id}/{int(self.now.timestamp())}"
        self._labels[project_id] = id_
        self._add(id_, Labels(project=project_id))

    def show(self, key: str, effect: Progress | Status) -> None:
        """Ask for a text outside to be written anew; what was asked for before is in that already.

        It keeps since when nobody has seen it written: where a text changes all the time no write is late.
        """
        before = [entry for entry in self.outbox if entry.effect == effect]
        self.void([entry.id for entry in before])
        since = min((one.asked_at for one in before), default=self.now)
        self._add(f"{key}/{int(self.now.timestamp())}", effect, since)

    def _add(self, id_: str, effect: Effect, since: datetime | None = None) -> None:
        self.claim(OutboxEntry(id=id_, effect=effect, asked_at=since or self.now, claimed_at=self.now))

    def claim(self, entry: OutboxEntry) -> None:
        """Keep an entry in the outbox and have this run deliver it after the commit."""
        self._outbox[entry.id] = entry
        self._deliver[entry.id] = entry

    def void(self, ids: Iterable[str]) -> None:
        """Take entries out of the outbox: done, or no longer wanted."""
        for id_ in ids:
            self._outbox.pop(id_, None)
            self._deliver.pop(id_, None)

    @property
    def deliver(self) -> tuple[OutboxEntry, ...]:
        """What this run delivers after the commit, in the order in which it was asked for."""
        return tuple(self._deliver.values())

    @property
    def outbox(self) -> tuple[OutboxEntry, ...]:
        """Pending effects, oldest first."""
        return tuple(self._outbox.values())

    # figures

    def record(self, completion: Completion) -> None:
        """Remember a finished attempt."""
        self._completions.append(completion)

    @property
    def completions(self) -> tuple[Completion, ...]:
        """The latest finished attempts, oldest first."""
        known = (*self.base.recent.completions, *self._completions)[-RECENT_LIMIT:]
        last = {one.task: place for place, one in enumerate(known) if one.ok and one.task in self._reworked}
        if not last:
            return known
        sent_back = frozenset(last.values())
        return tuple(
            one.model_copy(update={"rework": True}) if place in sent_back else one
            for place, one in enumerate(known)
        )

    def reworked(self, task: Task) -> None:
        """The latest attempt at a task, which had succeeded, did not pass what came after it."""
        self._reworked[task.id] = task.workflow

    @property
    def ended(self) -> Sequence[Completion]:
        """The attempts that this decision has ended."""
        return self._completions

    @property
    def sent_back(self) -> Mapping[str, Workflow]:
        """The tasks whose finished work this decision has sent back."""
        return self._reworked

    # the record

    def note(self, kind: Any, **facts: str) -> None:  # noqa: ANN401 - the kinds of Happening
        """Write a line into the journal: ``project``, ``task``, ``worker``, ``by``, ``detail``."""
        facts["detail"] = facts.get("detail", "")[:300]
        self._happenings.append(Happening(at=self.now, kind=kind, **facts))

    @property
    def new_happenings(self) -> tuple[Happening, ...]:
        """What this decision has noted so far."""
        return tuple(self._happenings)

    @property
    def happenings(self) -> tuple[Happening, ...]:
        """The latest happenings, oldest first."""
        return (*self.base.journal.happenings, *self._happenings)[-JOURNAL_LIMIT:]

    # the end

    def differs(self) -> bool:
        """Whether anything but the record of events would change."""
        frozen = self._freeze(self.base.events)
        base = self.base
        return any(getattr(frozen, name) != getattr(base, name) for name in State.__slots__)

    def freeze(self, events: Iterable[Event], races: int = 0) -> State:
        """The decided state, with the events that led to it."""
        batch = Batch(now=self.now, events=tuple(events), races=races, requests=dict(self.requests))
        return self._freeze(batch)

    def _freeze(self, events: Batch | None) -> State:
        base = self.base
        return State(
            projects=self.projects,
            genesis=self.genesis,
            development=self.development,
            content=self.content,
            queues={name: self._frozen_queue(name) for name in QueueName},
            instances=self.instances,
            ledger=self.ledger,
            outbox=Outbox(entries=entries)
            if (entries := self.outbox) != base.outbox.entries
            else base.outbox,
            events=events,
            config=self.config,
            alerts=self._frozen_alerts(),
            recent=self._frozen_recent(),
            controls=self.controls,
            watch=self.watch,
            scaling=self.scaling,
            usage=self.usage,
            hours=self.hours,
            predictions=self.predictions,
            showing=self.showing,
            archived=self.archived,
            incidents=self.incidents,
            journal=Journal(happenings=self.happenings) if self._happenings else base.journal,
        )

    def _frozen_alerts(self) -> Alerts:
        changed = self.alerting.model_copy(update={"items": self.alerts})
        return self.base.alerts if changed == self.base.alerts else changed

    def _frozen_queue(self, name: QueueName) -> Queue:
        base = self.base.queues[name]
        if name not in self._queues and name not in self._out_of_order:
            return base
        if name not in self._frozen_queues:
            items = tuple(self.ordered(name))
            self._frozen_queues[name] = base if items == base.items else Queue(items=items)
        return self._frozen_queues[name]

    def _frozen_recent(self) -> Recent:
        if not self._completions and not self._reworked:
            return self.base.recent
        changed = Recent(completions=self.completions)
        return self.base.recent if changed == self.base.recent else changed
