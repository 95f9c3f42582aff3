"""The number of workers in a play: autoscaling, peak hours and emergencies, by the rules of deciding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from bot.domain.instances import Instance
from bot.domain.pools import Pool
from bot.domain.sizing import Trigger
from bot.domain.vocabulary import WorkerStatus
from bot.policies.fleet import sizing, staffing
from bot.policies.fleet.utilisation import above_until, busiest, worked
from bot.policies.forecast.agenda import NEVER
from bot.policies.forecast.bounds import bounds_at
from bot.policies.forecast.compiling import seconds
from bot.policies.forecast.crew import Crew, Worker
from bot.policies.forecast.lines import Lines
from bot.policies.forecast.spending import Spending
from bot.policies.forecast.world import FLOWS, Bounds, Hand, World


@dataclass(slots=True)
class Sizes:
    """What became of a workflow's number of workers in a play."""

    first: int
    most: int
    """How many it had at most."""
    grew_at: int | None = None
    """When the rule added one first; None: never."""


class _Seen:
    """What the rule looks at (``sizing.Figures``); what costs time is worked out when it is asked for."""

    __slots__ = (
        "_crew",
        "_flow",
        "_growing",
        "_now",
        "_since",
        "able",
        "coming",
        "halted",
        "in_emergency",
        "maximum",
        "minimum",
        "paused",
        "ready",
        "size",
        "slow",
        "waiting",
        "went_down",
        "went_up",
    )

    def __init__(self, growing: Growing, flow: int, now: int, bounds: Bounds, *, may_start: bool) -> None:
        crew, lines, world = growing.crew, growing.lines, growing.world
        self._growing, self._crew, self._flow, self._now = growing, crew, flow, now
        self._since = now - growing.window
        self.size, self.able = crew.size[flow], crew.able(flow, now)
        self.ready, self.waiting = lines.startable(flow) if may_start else 0, lines.waiting(flow)
        self.minimum, self.maximum = bounds.minimum, bounds.maximum
        self.in_emergency, self.coming = bounds.in_emergency, bounds.coming
        self.slow = growing.slow[flow]
        self.went_up = now < growing.up_at[flow] + growing.window
        self.went_down = now < growing.down_at[flow] + growing.window
        self.halted = world.draft.controls.halted is not None
        self.paused = flow in lines.paused

    @property
    def waited(self) -> float:
        return self._now - self._growing.lines.oldest(self._flow) if self.ready else 0

    @property
    def mean(self) -> float:
        return worked(self._crew.turns[self._flow], self._since, self._now) / self._growing.window

    @property
    def most(self) -> int:
        turns, also = self._crew.turns[self._flow], self.fresh
        return max(self._crew.busy[self._flow], busiest(turns, self._since, also))

    @property
    def fresh(self) -> list[int]:
        """When those became idle, within the window, who are idle since and did not end a task then."""
        begun = self._growing.begun
        if not begun[self._flow]:
            return []
        known = begun[self._flow] = [one for one in begun[self._flow] if one[0] > self._since]
        return [at for at, name in known if self._crew.has_been_idle(name, at)]

    @property
    def needed(self) -> int:
        if not self.ready:
            return 0
        service = self._crew.estimates().of(FLOWS[self._flow]).time
        return sizing.needed(self._growing.world.config.scaling, self.ready, service)

    @property
    def leaver(self) -> bool:
        return any(
            one.kind == "actions" and one.up and one.status is not WorkerStatus.BUSY
            for one in self._crew.members[self._flow]
        )


class Growing:
    """How many workers each workflow has."""

    def __init__(self, world: World, crew: Crew, lines: Lines, spending: Spending) -> None:
        """As it stands at the beginning."""
        self.world, self.crew, self.lines, self._spending = world, crew, lines, spending
        self._enabled = world.config.scaling.enabled
        self.window = world.config.scaling.window.total_seconds()
        self.slow = list(world.slow)
        self.up_at, self.down_at = [up for up, _ in world.moved], [down for _, down in world.moved]
        """For each workflow when it went up last, and down."""
        self.begun = [list(known) for known in world.begun]
        """(when, who) became idle although no attempt ended then."""
        self._emergencies = {
            FLOWS.index(one.workflow): seconds(one.until) for one in world.draft.controls.emergency
        }
        self._bounds: list[Bounds | None] = [None for _ in FLOWS]
        self._due = [NEVER for _ in FLOWS]
        self.due = min(self._emergencies.values(), default=NEVER)
        """When something is due by time alone, at the earliest."""
        self._budgets = (True, 0)
        """Whether budgets let anything start, and how many projects have none left."""
        self._created: list[str] = []
        self.sizes = [Sizes(size, size) for size in crew.size]

    def bounds(self, flow: int, now: int) -> Bounds:
        """The limits in force."""
        found = self._bounds[flow]
        if found is None or found.until <= now:
            found = self._bounds[flow] = bounds_at(self.world, flow, now)
        return found

    def room(self, flow: int, now: int) -> int:
        """How many workers more the limits in force allow."""
        return max(0, self.bounds(flow, now).maximum - self.crew.size[flow])

    # moves

    def settle(self, now: int) -> bool:
        """Make the moves that are due. Returns whether a worker more takes work."""
        if not self._enabled:
            return False
        budgets = (self._spending.left(now) != 0, len(self._spending.broken))
        changed, grown, anew = self.crew.changed, False, budgets != self._budgets
        self._budgets = budgets
        for flow, due in enumerate(self._due):
            if changed[flow] or now >= due or anew:
                changed[flow] = False
                grown |= self._judge(flow, now)
        self._note_due()
        return grown

    def _note_due(self) -> None:
        self.due = min((*self._due, *self._emergencies.values()))

    def _judge(self, flow: int, now: int) -> bool:
        bounds, size = self.bounds(flow, now), self.crew.size[flow]
        busy = self.crew.busy[flow] >= self.world.config.scaling.utilisation_below * size
        if busy and bounds.minimum <= size >= bounds.maximum:  # nobody more may come, and nobody is to go
            self._due[flow] = bounds.until
            return False
        seen = _Seen(self, flow, now, bounds, may_start=self._budgets[0])
        step = sizing.step(self.world.config, seen)
        if step is None or step.blocks:
            more = step is not None and step.trigger is not Trigger.IDLE
            self._due[flow] = self._next(flow, now, seen, wanted=more)
            return False
        self._due[flow] = now + 1
        if step.target > seen.size:
            return self._more(flow, step.target - seen.size, now)
        self._fewer(flow, seen.size - step.target, now)
        return False

    def _next(self, flow: int, now: int, seen: _Seen, *, wanted: bool) -> int:
        """When the rule may find something else although nothing happens in the workflow, at the earliest.

        ``wanted``: more workers are, already.
        """
        rule, window, turns = self.world.config.scaling, self.window, self.crew.turns[flow]
        since, size, due = now - window, seen.size, self.bounds(flow, now).until
        for moved in (self.up_at[flow], self.down_at[flow]):
            if moved > since:
                due = min(due, ceil(moved + window))
        if size < seen.maximum and not wanted:
            if seen.ready and rule.longest_wait is not None:
                late = int(self.lines.oldest(flow) + rule.longest_wait * 60) + 1
                due = min(due, late) if late > now else due
            if rule.most_used is not None and busiest(turns, since) > rule.most_used * size:
                return now + 1
        few = rule.utilisation_below * size
        if size > seen.minimum and self.crew.busy[flow] < few:
            if seen.fresh:
                return now + 1
            until = above_until(turns, since, now, few)
            due = due if until is None else min(due, ceil(until + window))
        return due

    def _more(self, flow: int, more: int, now: int) -> bool:
        crew = self.crew
        members = staffing.in_order(self._pool(flow), crew.members[flow])
        found = staffing.starting(members, min(more, self.room(flow, now)), lambda one: one.tripped(now))
        for worker in found.called_back:
            crew.call_back(worker)
        for worker in found.started:
            crew.start(worker, now)
        created = [self._create(flow, now) for _ in range(found.created)]
        self.begun[flow] += [(now, worker.id) for worker in (*found.started, *created)]
        self.up_at[flow], self.slow[flow], sizes = now, False, self.sizes[flow]
        sizes.most = max(sizes.most, crew.size[flow])
        sizes.grew_at = sizes.grew_at or now
        return True

    def _create(self, flow: int, now: int) -> Worker:
        worker = Worker(self._newcomer(flow))
        self.crew.start(worker, now)
        return worker

    def _newcomer(self, flow: int) -> Hand:
        """A worker beyond the roster: the next number, the specialty that the backlog lacks most."""
        world, config = self.world, self.world.config
        queued = Counter(piece.job.specialty for piece in self.lines.queued[flow])
        model = staffing.lacking(self._pool(flow), queued, staffing.serving(self.crew.members[flow]))
        key = (flow, tuple(self._created), model.specialties, model.sizes, model.region)
        if (hand := world.newcomers.get(key)) is None:
            known = {*world.draft.instances, *self._created}
            hand = world.newcomers[key] = world.hand(
                Instance(
                    id=staffing.next_id(config, FLOWS[flow], known),
                    workflow=FLOWS[flow],
                    specialties=model.specialties,
                    sizes=model.sizes,
                    region=model.region,
                )
            )
        self._created.append(hand.id)
        return hand

    def _fewer(self, flow: int, fewer: int, now: int) -> None:
        members = staffing.in_order(self._pool(flow), self.crew.members[flow])
        wanted = min(fewer, self.crew.size[flow] - self.bounds(flow, now).minimum)
        idle = [one for one in _serving_here(members) if one.status is not WorkerStatus.BUSY]
        self._stop(flow, sorted(idle, key=self._usefulness(flow, members, now))[:wanted], now)

    def end_emergencies(self, now: int) -> None:
        """Take the surplus of emergencies that are over away again."""
        if not self._emergencies or now < min(self._emergencies.values()):
            return
        for flow in [flow for flow, until in self._emergencies.items() if until <= now]:
            del self._emergencies[flow]
            pool, members = self._pool(flow), staffing.in_order(self._pool(flow), self.crew.members[flow])
            here, maximum = _serving_here(members), self.bounds(flow, now).maximum
            surplus = staffing.surplus(pool, here, self.crew.size[flow], maximum)
            leaving = staffing.after_emergency(pool, here, self._usefulness(flow, members, now))
            self._stop(flow, leaving[:surplus], now)
        self._note_due()

    def _stop(self, flow: int, workers: Sequence[Worker], now: int) -> None:
        for worker in workers:
            self.crew.stop(worker)
            self.down_at[flow] = now

    def _usefulness(self, flow: int, members: Sequence[Worker], now: int) -> Callable[[Worker], staffing.Use]:
        queue = ((piece.job.specialty, piece.reserved) for piece in self.lines.queued[flow])
        return staffing.usefulness(self._pool(flow), members, queue, lambda one: one.tripped(now))

    def _pool(self, flow: int) -> Pool:
        return self.world.config.pools.of(FLOWS[flow])


def _serving_here(members: Sequence[Worker]) -> list[Worker]:
    return staffing.here(staffing.serving(members))
