"""What a play keeps for single workers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bot.policies.forecast.pieces import Piece


class Keeping:
    """What may start of a workflow and is kept for a worker; there may be hundreds of it."""

    __slots__ = ("_ruled", "by_worker")

    def __init__(self) -> None:
        """Nothing is."""
        self.by_worker: dict[str, dict[Piece, None]] = {}
        """By who it is kept for; nobody without anything."""
        self._ruled: dict[str, int] = {}

    def __bool__(self) -> bool:
        """Whether anything is kept."""
        return bool(self.by_worker)

    def __iter__(self) -> Iterator[Piece]:
        """All of it."""
        return (piece for pieces in self.by_worker.values() for piece in pieces)

    @property
    def ruled(self) -> Collection[str]:
        """The specialties of what a rebalancing keeps."""
        return self._ruled

    def add(self, piece: Piece) -> None:
        """One more."""
        self.by_worker.setdefault(piece.reserved, {})[piece] = None
        if piece.by_rule:
            specialty = piece.job.specialty
            self._ruled[specialty] = self._ruled.get(specialty, 0) + 1

    def remove(self, piece: Piece) -> None:
        """One less."""
        mine = self.by_worker[piece.reserved]
        del mine[piece]
        if not mine:
            del self.by_worker[piece.reserved]
        if piece.by_rule:
            specialty = piece.job.specialty
            self._ruled[specialty] -= 1
            if not self._ruled[specialty]:
                del self._ruled[specialty]

    def of(self, workers: Collection[str]) -> list[Piece]:
        """What is kept for some of the workers, in the queue's order."""
        few, many = sorted((self.by_worker, workers), key=len)
        names = [name for name in few if name in many]
        return sorted((one for name in names for one in self.by_worker[name]), key=lambda one: one.place)
