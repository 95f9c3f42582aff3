"""The limits of how many workers a play may have, from one moment to the next change of them."""

from __future__ import annotations

from math import ceil

from bot.policies.fleet.peaks import coming_peak, next_change
from bot.policies.fleet.scaling import limits_at
from bot.policies.forecast.agenda import NEVER
from bot.policies.forecast.compiling import moment
from bot.policies.forecast.world import FLOWS, Bounds, World


def bounds_at(world: World, flow: int, now: int) -> Bounds:
    """The limits in force at a moment; each stretch of time is worked out once for all plays of a world."""
    known = world.bounds[flow]
    while not known or known[-1].until <= now:
        known.append(_bounds_from(world, flow, known[-1].until if known else world.now))
    return next(one for one in known if one.until > now)


def _bounds_from(world: World, flow: int, at: int) -> Bounds:
    config, workflow, now = world.config, FLOWS[flow], moment(at)
    within, emergency = config.scaling.window, world.draft.controls.emergency_of(workflow)
    limits = limits_at(config, workflow, emergency, now)
    coming = coming_peak(config, workflow, now, within)
    change = next_change(config, workflow, now, within)
    ends = [ceil(one.timestamp()) for one in (change, limits.until) if one is not None]
    return Bounds(
        minimum=limits.minimum,
        maximum=limits.maximum,
        in_emergency=limits.until is not None,
        coming=coming.minimum if coming is not None else 0,
        until=min((*ends, NEVER)),
    )
