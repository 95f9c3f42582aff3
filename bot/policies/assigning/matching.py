"""In which order tasks go to workers: the one loop of assigning, and of playing assigning forward."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sized
from typing import Protocol, TypeVar

T = TypeVar("T")


class Free(Protocol):
    """Workers that are idle."""

    def __bool__(self) -> bool:
        """Whether anybody is left."""


def give_kept(kept: Iterable[T], give: Callable[[T], bool], left: int | None) -> int | None:
    """What is kept for a worker goes first, in queue order: each worker gets the first that may start.

    ``give`` hands a task to its worker and says whether that was still free. ``left`` is how many tasks a
    budget lets start, None: any number; returned is what is left of it.
    """
    if left == 0:
        return left
    for task in kept:
        if give(task):
            left = None if left is None else left - 1
            if left == 0:
                break
    return left


def give_others(tasks: Iterable[T], free: Free | Sized, give: Callable[[T], None], left: int | None) -> None:
    """The others in queue order, each to the best of those who are free, as long as there is somebody.

    Whoever is at the head of the queue chooses first; no task is asked for that nobody can take.
    """
    if left == 0 or not free:
        return
    for task in tasks:
        give(task)
        left = None if left is None else left - 1
        if left == 0 or not free:
            break
