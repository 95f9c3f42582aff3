"""What a person could change, tried out: the same plays with and without it, with the same luck in both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from statistics import median_low

from bot.domain.draft import Draft
from bot.domain.flow import Change, Growth
from bot.policies.forecast.compiling import open_projects
from bot.policies.forecast.forecasting import STEPS, Plays, growth, play_all
from bot.policies.forecast.trials import Trial, trials

WORTH = timedelta(minutes=1)
"""A change that helps less is not worth naming."""
NAMED = 3
"""Changes that are named."""
TRIED = 7
"""Changes that are tried out."""
LEAST, MOST = 50, 200
"""How often the work is played with each of them."""
TASKS = STEPS // (LEAST * (TRIED + 1))
"""Tasks of one play, at most."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying."""

    changes: tuple[Change, ...]
    """Those that help most."""
    runs: int
    """How often the work was played for each."""
    growth: tuple[Growth, ...]
    """What autoscaling does without any of them."""


def best_changes(draft: Draft) -> Tried:
    """Try out what a person could do; nothing is played where nothing can go on."""
    if not open_projects(draft):
        return Tried((), 0, ())
    now = play_all(draft, _runs, TASKS)
    found = [_tried(draft, now, trial) for trial in islice(trials(draft), TRIED)]
    worth = [one for one in found if one.sooner >= WORTH or one.unblocks]
    worth.sort(key=lambda one: (-one.unblocks, -one.sooner, one.command))
    return Tried(tuple(worth[:NAMED]), len(now.ends), growth(now))


def _runs(tasks: int) -> int:
    return max(LEAST, min(MOST, STEPS // ((TRIED + 1) * max(1, tasks))))


def _tried(draft: Draft, now: Plays, trial: Trial) -> Change:
    other = draft.fork()
    trial.do(other)
    then = play_all(other, lambda tasks: len(now.ends), TASKS)
    before, after = _ended(now), _ended(then)
    both = before & after
    sooner = [
        last - soon
        for last, soon in zip(_last(now, both), _last(then, both), strict=True)
        if last is not None and soon is not None
    ]
    saved = timedelta(seconds=median_low(sooner) if sooner else 0)
    return Change(trial.command, trial.what, saved, len(after - before))


def _ended(plays: Plays) -> frozenset[str]:
    """Projects that have an end in half of the plays at least."""
    half = len(plays.ends) / 2
    return frozenset(idea.project.id for idea in plays.world.ideas if len(plays.of(idea.number)) >= half)


def _last(plays: Plays, names: frozenset[str]) -> list[int | None]:
    """For each play, when the last of some projects was done; None where one of them has no end."""
    numbers = [idea.number for idea in plays.world.ideas if idea.project.id in names]
    found: list[int | None] = []
    for ends in plays.ends:
        known = [end for number in numbers if (end := ends[number]) is not None]
        found.append(max(known) if known and len(known) == len(numbers) else None)
    return found
