"""Patterns of paths: whether one matches a path, and whether two could ever match the same one.

A pattern is a path with slashes; in it ``*`` stands for any part of a name, ``?`` for one character of it,
and ``**`` as a whole name for any number of folders. A pattern that names a folder means all that is below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
Part = tuple[str, str]
"""(how it is meant, the name): ``=`` literally, ``~`` with wildcards, ``*`` any number of names."""


def matches(pattern: str, path: str) -> bool:
    """Whether a path is what the pattern names, or below it. Nothing in the path is special."""
    return _meet(_parts(pattern), tuple(("=", name) for name in _names(path)))


def overlap(one: str, other: str) -> bool:
    """Whether some path is matched by both patterns."""
    return _meet(_parts(one), _parts(other))


def any_overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Whether any of the one overlaps with any of the others."""
    known = tuple(others)
    return any(overlap(one, other) for one in some for other in known)


def _names(path: str) -> list[str]:
    return [name for name in path.split("/") if name not in ("", ".")]


def _parts(pattern: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    for name in (*_names(pattern), "**"):  # what it names may be a folder
        if name != "**":
            parts.append(("~" if set(name) & set("*?") else "=", name))
        elif not parts or parts[-1][0] != "*":
            parts.append(("*", ""))
    return tuple(parts)


@lru_cache(maxsize=4_096)
def _meet(one: tuple[Part, ...], other: tuple[Part, ...]) -> bool:
    return _common(one, other, lambda part: part[0] == "*", _same_name)


def _same_name(one: Part, other: Part) -> bool:
    """Whether two parts can stand for the same name."""
    return _common(_letters(one), _letters(other), lambda letter: letter == "", _same_letter)


def _same_letter(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def _letters(part: Part) -> list[str | None]:
    """The characters of a name: "" is any number of them, None is any one."""
    if part[0] == "=":
        return list(part[1])
    return [{"*": "", "?": None}.get(letter, letter) for letter in part[1]]


def _common(
    one: Sequence[T], other: Sequence[T], wild: Callable[[T], bool], same: Callable[[T, T], bool]
) -> bool:
    """Whether two sequences can stand for the same one, where a wild element stands for any number.

    The usual table from the end: ``after[b]`` is the answer for what follows in ``one`` and ``other[b:]``.
    """
    after: list[bool] = []
    for a in range(len(one), -1, -1):
        row = [False] * (len(other) + 1)
        for b in range(len(other), -1, -1):
            more_one, more_other = a < len(one), b < len(other)
            if not more_one and not more_other:
                row[b] = True
            elif more_one and wild(one[a]):
                row[b] = after[b] or (more_other and row[b + 1])
            elif more_other and wild(other[b]):
                row[b] = row[b + 1] or (more_one and after[b])
            elif more_one and more_other:
                row[b] = after[b + 1] and same(one[a], other[b])
        after = row
    return after[0]
