"""Timing side by side: contenders take turns in the same run, so that noise meets all of them alike."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Series:
    """The measurements of one contender, in seconds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one, in seconds."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Between which the middle half lies, in seconds."""
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high


def take_turns(contenders: Mapping[str, Callable[[], float]], rounds: int, warm_ups: int = 1) -> list[Series]:
    """Let each contender measure itself (it returns seconds) once a round, in turning order."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for number in range(-warm_ups, rounds):
        shift = number % len(names)  # nobody always goes first
        for name in names[shift:] + names[:shift]:
            seconds = contenders[name]()
            if number >= 0:
                taken[name].append(seconds)
    return [Series(name, tuple(values)) for name, values in taken.items()]


def paired_ratio(over: Series, under: Series) -> float:
    """The median of the rounds' own ratios; steadier than a ratio of medians when the load changes."""
    return statistics.median(a / b for a, b in zip(over.seconds, under.seconds, strict=True))


def table(series: Sequence[Series]) -> str:
    """Medians and spread in milliseconds, as lines of text."""
    width = max(len(one.name) for one in series)
    lines = [f"{'':{width}}  median   middle half    fastest  slowest   (ms)"]
    for one in series:
        low, high = (1000 * value for value in one.quartiles)
        ends = f"{1000 * min(one.seconds):7.1f}  {1000 * max(one.seconds):7.1f}"
        lines.append(f"{one.name:{width}} {1000 * one.median:7.1f}  {low:6.1f}-{high:6.1f}   {ends}")
    return "\n".join(lines)


def surroundings() -> str:
    """What a reader must know to compare: processors, their load, versions."""
    machine = f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"
    return f"{machine}; Python {platform.python_version()}; {platform.system()}"
