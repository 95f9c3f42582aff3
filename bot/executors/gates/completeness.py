"""The gate of completeness: every piece that the task owes is there, each as a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.executors.gates.lengths import rule_of


def set_problems(owed: Sequence[str], pieces: Iterable[tuple[str, str]]) -> Iterator[str]:
    """What is missing of the kinds that a task owes; ``pieces``: kind and file of each that was written.

    A file is one piece, whatever it is called, and a piece is one of the kinds. Further ones are welcome.
    """
    files: dict[str, object] = {}
    for kind, file in pieces:
        files.setdefault(file, _sort(kind))
    written, missing = list(files.values()), []
    for kind in owed:
        if (sort := _sort(kind)) in written:
            written.remove(sort)
        else:
            missing.append(kind)
    if missing:
        yield (
            f"set: {_listed(missing)} {'is' if len(missing) == 1 else 'are'} missing; this task owes "
            f"{_listed(owed)}, each in a file of its own: write what is missing, and name it with that `kind`"
        )


def _sort(kind: str) -> object:
    """What kind of piece it is: by the words that lengths go by, else by its name."""
    rule = rule_of(kind)
    return rule if rule.words else kind.casefold().strip()


def _listed(kinds: Sequence[str]) -> str:
    *most, last = kinds
    return f"{', '.join(most)} and {last}" if most else last
