"""The rule of autoscaling over plain figures: which condition asks for which move, what speaks against it.

Deciding asks it with the figures of a draft (``autoscaling``), a play with its own (``growing``): so both
make the same moves. It asks for a figure only where that counts, because some cost time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import Protocol

from bot.domain.config import Config
from bot.domain.scaling import Scaling
from bot.domain.sizing import Block, Trigger

LAST = 1
"""Workers that the rule leaves, whatever the minimum: with none, the next task would wait for the window."""


class Figures(Protocol):
    """What the rule looks at of one workflow, at one moment."""

    @property
    def size(self) -> int:
        """Workers that take work."""

    @property
    def able(self) -> int:
        """Those of them that were not taken out for failing."""

    @property
    def ready(self) -> int:
        """Tasks that may start now, for anybody."""

    @property
    def waiting(self) -> int:
        """Tasks in the queue without what triage holds."""

    @property
    def waited(self) -> float:
        """Seconds that the oldest of what may start has waited; 0 where nothing may."""

    @property
    def minimum(self) -> int:
        """The lower limit in force."""

    @property
    def maximum(self) -> int:
        """The upper limit in force."""

    @property
    def mean(self) -> float:
        """Workers that were busy on average of the stabilisation window."""

    @property
    def most(self) -> int:
        """Workers that were not idle at one moment of it, at most."""

    @property
    def needed(self) -> int:
        """Workers that work off in the configured time what may start."""

    @property
    def slow(self) -> bool:
        """Whether the workflow has become slow, and nobody was added since."""

    @property
    def went_up(self) -> bool:
        """Whether a move up was made within the window."""

    @property
    def went_down(self) -> bool:
        """Whether a move down was."""

    @property
    def halted(self) -> bool:
        """Whether everything is stopped."""

    @property
    def paused(self) -> bool:
        """Whether the workflow is."""

    @property
    def in_emergency(self) -> bool:
        """Whether an emergency raises the upper limit."""

    @property
    def coming(self) -> int:
        """The minimum of peak hours that begin within the window; 0: none do."""

    @property
    def leaver(self) -> bool:
        """Whether somebody who is idle may be stopped by a rule."""


@dataclass(frozen=True, slots=True)
class Step:
    """A move that the rule makes, or would make."""

    trigger: Trigger
    target: int
    """How many workers there are afterwards."""
    blocks: tuple[Block, ...] = ()
    """What speaks against it; nothing: it is made."""


def step(config: Config, found: Figures) -> Step | None:
    """What follows: the minimum before everything, then more workers, then fewer."""
    trigger = next(triggers(config, found), None)
    more = _up(found, trigger) if trigger is not None else None
    if found.size < found.minimum and (more is None or more.blocks or more.target < found.minimum):
        return Step(Trigger.MINIMUM, found.minimum)
    if more is not None:
        return more
    if is_idle(config.scaling, found):
        return Step(Trigger.IDLE, found.size - 1, tuple(_against_fewer(found)))
    return None


def needed(rule: Scaling, ready: int, service: timedelta) -> int:
    """Workers that work so many tasks off in the configured time."""
    return ceil(ready * service / timedelta(minutes=rule.drain_minutes))


def triggers(config: Config, found: Figures) -> Iterator[Trigger]:
    """The conditions for more workers that hold, in the order in which they give the reason."""
    rule = config.scaling
    if found.able == 0 and found.ready:
        yield Trigger.NO_WORKER
    if found.ready > config.queueing.overflow:
        yield Trigger.OVERFLOW
    if found.ready > rule.queue_above:
        yield Trigger.QUEUE
    if rule.longest_wait is not None and found.ready and found.waited > rule.longest_wait * 60:
        yield Trigger.WAIT
    if rule.most_used is not None and found.size and found.mean > rule.most_used * found.size:
        yield Trigger.UTILISATION
    if found.slow:
        yield Trigger.SLOW


def is_idle(rule: Scaling, found: Figures) -> bool:
    """Whether fewer would do; what waits may wait for those that were taken out."""
    return (
        found.waiting < rule.queue_below
        and not (found.ready and found.able < found.size)
        and found.most < rule.utilisation_below * found.size
    )


def _up(found: Figures, trigger: Trigger) -> Step:
    """As many as the backlog needs, at least one more; that one more only once in a window.

    An overflow takes all that the limits allow.
    """
    size, maximum = found.size, found.maximum
    least = maximum if trigger is Trigger.OVERFLOW else size + (not found.went_up)
    target = min(max(least, found.needed), maximum) if size < maximum else maximum
    return Step(trigger, max(target, size), tuple(_against_more(found, target)))


def _against_more(found: Figures, target: int) -> Iterator[Block]:
    if found.halted:
        yield Block.HALTED
    if found.paused:
        yield Block.PAUSED
    if found.size >= found.maximum:
        yield Block.MAXIMUM
    elif target <= found.size or found.went_down:
        yield Block.WINDOW


def _against_fewer(found: Figures) -> Iterator[Block]:
    if found.size <= found.minimum:
        yield Block.MINIMUM
    if found.able <= LAST:
        yield Block.LAST
    if found.in_emergency:
        yield Block.EMERGENCY
    if found.coming >= found.size:
        yield Block.PEAK
    if not found.leaver:
        yield Block.NOBODY
    if found.went_up or found.went_down:
        yield Block.WINDOW
