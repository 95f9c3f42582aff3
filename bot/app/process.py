"""Look, decide, save: again after a lost race, together with everything that waits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from bot.app.clocks import Clocks
from bot.app.commit_message import archive_message, message_of
from bot.app.deliver import Delivery
from bot.app.facts import Facts, commands_us, comment_event
from bot.app.isolating import isolated
from bot.app.ranks import interval, patience, rank
from bot.app.sessions import drop_forgotten
from bot.decide import MOST_EVENTS, Decision, decide, take
from bot.domain import archiving, files, invariants
from bot.domain.effects import Notify, OutboxEntry
from bot.domain.errors import Conflict, ForgeError, NotFound, OrchestratorError, StateMissing
from bot.domain.events.asked import CommentCreated
from bot.domain.events.batch import Event, Initialised, Waiting, WorkerEvent
from bot.domain.events.looked_up import IssueText
from bot.domain.events.observed import Notified
from bot.domain.quota import Meter, Purpose
from bot.domain.state import State
from bot.domain.vocabulary import Stage
from bot.policies.outside.ledger import is_settled
from bot.policies.outside.requesting import planned
from bot.ports.forge import Forge
from bot.ports.outside import Notifier
from bot.ports.projects import ProjectForge
from bot.ports.store import Archiving, Look, Peek, Sessions, Store

log = logging.getLogger("orchestrator")
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


@dataclass(slots=True)
class Result:
    """What became of a run's events."""

    state: State
    committed: bool = False
    undelivered: list[ForgeError] = field(default_factory=list)
    missed: frozenset[str] = frozenset()
    """Outbox ids whose delivery found nothing at the place that it was for."""
    unseen: list[ForgeError] = field(default_factory=list)
    """Looks that failed; the next tick makes them."""


@dataclass(slots=True)
class App:
    """The shell's one path, over any store and forge."""

    store: Store
    forge: Forge
    facts: Facts
    clocks: Clocks
    template: Callable[[], Mapping[str, bytes]]
    """Reads the tree that a state branch starts as."""
    texts: Mapping[str, IssueText] = field(default_factory=dict)
    """Issue texts from the run's own payload, by event id."""
    known_labels: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """Labels from the run's own payload, by issue."""

    projects: Callable[[str], ProjectForge] | None = None
    """Reaches the projects' repositories; None: what concerns them is left to another run."""
    sessions: Sessions | None = None
    """Keeps agents' sessions between attempts; None: every attempt begins a new one."""
    notifier: Notifier | None = None
    """Tells people outside; None: that is left to another run."""
    archive: str = ""
    """The archive branch's address, where this run lets finished projects go there; empty: they stay."""
    refused: set[str] = field(default_factory=set)
    """Archive branches that turned this process away."""
    meter: Meter = field(default_factory=Meter)
    """Counts this process's requests by purpose."""
    looked_at_pulls: dict[str, float] = field(default_factory=dict)
    """When this process last looked at a pull request (``project/key``), in monotonic seconds."""

    _read: tuple[Look, State] | None = None

    def process(
        self, own: Sequence[Event], first: Look | None = None, *, leave_strangers: bool = False
    ) -> Result:
        """Settle ``own`` events, whoever does it: this run, or another that takes them along.

        ``first`` is a look that the caller has taken already. ``leave_strangers`` makes no commit for
        comments of strangers alone: a tick settles many of them together.
        """
        look, races, published, turn = first or self.store.load(), 0, False, False
        while True:
            state = self.load(look)
            mine = [event for event in own if not is_settled(state.ledger, event)]
            if own and not mine and look.version is not None:
                self._discard_leftovers(look, state)
                return Result(state)
            waiting = self._inbox(look, state)
            crowded = bool(mine) and (races > 0 or (bool(waiting) and _all_work(mine)))
            if crowded and _all_work(mine) and not published:
                self._publish(mine)
                published = True
            others = [*waiting, *(self._comments(state, mine) if races and not _all_work(mine) else [])]
            if crowded and not turn:
                turn, fresh = self._wait_turn(look, mine, others, published=published)
                if not fresh:
                    look = self.store.load()
                    continue
            spared = leave_strangers and look.version is not None and not others
            if spared and self._only_strangers(mine, state):
                return Result(state)
            try:
                return self._fold(look, state, mine, others, races)
            except Conflict:
                races, turn = races + 1, False
                if races == 1:
                    self._acknowledge(mine)
                if _all_work(mine) and not published:
                    self._publish(mine)
                    published = True
                look = self.store.load()

    @property
    def archive_now(self) -> str:
        """Where finished projects go now."""
        return "" if self.archive in self.refused else self.archive

    def load(self, look: Look) -> State:
        """A look as a state; the template's where there is no branch yet."""
        if self._read is None or self._read[0] is not look:
            self._read = (look, files.load(look.files if look.version is not None else self.template()))
        return self._read[1]

    def _fold(
        self, look: Look, state: State, mine: Sequence[Event], others: Sequence[Event], races: int
    ) -> Result:
        """Decide, save, deliver. Raises Conflict when the head has moved."""
        beginning: list[Event] = [] if look.version is not None else [self._beginning(mine)]
        own = take([*beginning, *mine])
        known = {event.id for event in own}
        also = take(event for event in others if event.id not in known)[: MOST_EVENTS - len(own)]
        batch = [*self._resolved(own, state), *self._resolved(also, state)]
        requests = self.meter.untold()
        decision = self._decided(state, batch, races, requests)
        if decision.state is state:
            self._discard_leftovers(look, state)
            return Result(state)
        self._save(look, state, decision)
        self.meter.tell(requests, planned(decision.effects))
        result = self._deliver(decision)
        drop_forgotten(self.sessions, state, decision.state)
        return result

    def _decided(
        self, state: State, batch: Sequence[Event], races: int, requests: Mapping[Purpose, int]
    ) -> Decision:
        """Decide; what the program fails on, or would break the state, is kept apart from the others."""
        now = self.now()

        def settle(events: Sequence[Event]) -> Decision:
            decision = decide(state, events, now, races, requests)
            if decision.state is not state:
                invariants.check(decision.state)
            return decision

        return isolated(batch, settle)

    def _save(self, look: Look, state: State, decision: Decision) -> None:
        if look.version is None:
            changes: dict[str, bytes | None] = {**self.template(), **files.tree(decision.state)}
        else:
            changes = files.changes(state, decision.state)
        leftovers = [id_ for id_ in look.inbox if self._gone(look.inbox[id_], decision.state)]
        moved = archiving.changes(state, decision.state)
        self.store.save(
            look,
            changes,
            message_of(decision.settled),
            at=self._at(decision),
            settled=leftovers,
            archiving=Archiving(moved, archive_message(moved)) if moved else None,
        )
        log.info("saved %s", ", ".join(event.id for event in decision.settled) or "what was due")

    def _deliver(self, decision: Decision) -> Result:
        delivery = Delivery(self.forge, decision.state, self.clocks, self.projects, self.notifier, self.meter)
        failed = delivery.all(decision.effects, self.known_labels) if decision.effects else []
        self._note_sent(delivery, decision.effects)
        return Result(
            decision.state,
            committed=True,
            undelivered=[error for _, error in failed],
            missed=frozenset(entry.id for entry, error in failed if isinstance(error, NotFound)),
        )

    def _note_sent(self, delivery: Delivery, entries: Sequence[OutboxEntry]) -> None:
        """Put into the inbox what was told outside: GitHub shows no evidence of it.

        What ends between the two tells it again after the grace time; that window is a push long.
        """
        for entry in entries:
            if entry.id in delivery.notified and isinstance(entry.effect, Notify):
                failed = delivery.notified[entry.id]
                told = Notified(effect=entry.id, alert=entry.effect.alert, at=self.now(), failed=failed)
                try:
                    self._publish([told])
                except OrchestratorError as error:
                    log.warning("%s was told outside, which could not be noted: %s", entry.id, error)

    def now(self) -> datetime:
        """GitHub's clock where this run has asked it something, else the machine's."""
        return self.forge.now() or self.clocks.wall()

    def _at(self, decision: Decision) -> datetime:
        return decision.state.events.now if decision.state.events else self.now()

    # what waits

    def _inbox(self, look: Look, state: State) -> list[Event]:
        events = (read_event(message) for message in look.inbox.values())
        return [event for event in events if event is not None and not is_settled(state.ledger, event)]

    def _gone(self, message: str, state: State) -> bool:
        """Whether an inbox ref may go: its event is settled, or it is no event at all."""
        event = read_event(message)
        return event is None or is_settled(state.ledger, event)

    def _discard_leftovers(self, look: Look, state: State) -> None:
        settled = [id_ for id_, message in look.inbox.items() if self._gone(message, state)]
        if settled:
            self.store.discard(look, settled)

    def _comments(self, state: State, mine: Sequence[Event]) -> list[Event]:
        """Unsettled comments with commands, from GitHub, which keeps them: no push needed."""
        since = state.ledger.cursor or min(event.at for event in mine)
        with self.meter.on(Purpose.COMMANDS):
            listed = self.forge.comments_since(since)
        found = [comment_event(comment) for comment in listed if commands_us(comment, state)]
        return [event for event in found if not is_settled(state.ledger, event)]

    def _resolved(self, batch: Sequence[Event], state: State) -> list[Event]:
        """Look up the facts of the comments in a batch; what the budget leaves out waits on."""
        comments = [event for event in batch if isinstance(event, CommentCreated)]
        with self.meter.on(Purpose.COMMANDS):
            found = {event.id: event for event in self.facts.resolve(comments, state, self.texts)}
        return [
            found.get(event.id, event)
            for event in batch
            if not isinstance(event, CommentCreated) or event.id in found
        ]

    def _only_strangers(self, mine: Sequence[Event], state: State) -> bool:
        """Whether this run was woken by people who may not command: a tick settles them together."""
        if not mine or not all(isinstance(event, CommentCreated) for event in mine):
            return False
        actors = {event.actor for event in mine if isinstance(event, CommentCreated)}
        with self.meter.on(Purpose.COMMANDS):
            return all(self.facts.strange(actor, state, self.now()) for actor in actors)

    def _acknowledge(self, mine: Sequence[Event]) -> None:
        """The first push was lost, so the answer will take a moment: show that the command was seen."""
        for event in mine:
            if isinstance(event, CommentCreated):
                with suppress(ForgeError), self.meter.on(Purpose.REPLY):
                    self.forge.react(event.comment, "eyes")

    def _publish(self, mine: Sequence[Event]) -> None:
        for event in mine:
            # An earlier start of this same run has published it, with its own time: that one stands.
            with suppress(Conflict):
                self.store.publish(event.id, write_event(event))

    def _wait_turn(
        self, look: Look, mine: Sequence[Event], others: Sequence[Event], *, published: bool
    ) -> tuple[bool, bool]:
        """Look on until it is this run's turn; (it is, the look is still that of the head).

        A published event that has left the inbox is settled. One that has not needs no fetch while
        others fold: its rank follows from the list of refs alone.
        """
        own = {event.id for event in mine}
        head, waiting = look.version, {event.id for event in others}
        while True:
            until = self.clocks.monotonic() + patience(rank(head, own, waiting))
            seen = Peek(head, frozenset(waiting))
            while seen.version == head and (left := until - self.clocks.monotonic()) > 0:
                self.clocks.wait(min(interval(len(waiting)), left))
                seen = self.store.peek()
                if published and not own & seen.inbox:
                    return False, False
            if seen.version == head:
                return True, head == look.version
            if not published:
                return False, False
            head, waiting = seen.version, set(seen.inbox)

    # the beginning

    def _beginning(self, mine: Sequence[Event]) -> Event:
        """The first event of a branch, before ``mine``; only where the repository was not in use before.

        Raises Conflict where another run has begun the branch meanwhile: the labels are that run's.
        """
        if any(self.forge.issues([f"stage:{stage}"]) for stage in Stage):
            if self.store.peek().version is not None:
                raise Conflict("another run has begun the state branch; read it again")
            raise StateMissing(
                "the state branch does not exist, but issues of this repository carry the labels of earlier "
                "projects. Push the branch back from a clone, or bring a backup in with `orchestrator state "
                "import`; nothing was changed."
            )
        return Initialised(at=min([self.now(), *(event.at for event in mine)]))


def _all_work(events: Sequence[Event]) -> bool:
    return bool(events) and all(isinstance(event, WorkerEvent) for event in events)


def write_event(event: Event) -> str:
    """An event as an inbox commit's message."""
    return event.model_dump_json()


def read_event(message: str) -> Event | None:
    """An event from an inbox commit's message; None where it is none that waits there."""
    try:
        event = _EVENT.validate_json(message.strip())
    except ValidationError:
        return None
    return event if isinstance(event, Waiting) else None
