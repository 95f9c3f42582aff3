"""How far this process has seen the branch go, to recognise a read that lags behind."""

from __future__ import annotations

from datetime import datetime


class Horizon:
    """The newest version known, and those known to be older.

    Right after a write a read may still show the old head. Commit times on the branch never decrease,
    so a head with an earlier time than the newest one known is behind it as well.
    """

    def __init__(self) -> None:
        self._newest: str | None = None
        self._at: datetime | None = None
        self._older: set[str] = set()

    def is_behind(self, version: str | None, at: datetime | None = None) -> bool:
        """Whether a read that shows ``version`` shows less than is known."""
        if self._newest is None or version == self._newest:
            return False
        if version is None or version in self._older:
            return True
        return at is not None and self._at is not None and at < self._at

    def settle(self, version: str | None) -> str | None:
        """The newer of a version that was read without its time and the newest known."""
        return self._newest if version in self._older else version

    def believe(self, version: str | None, at: datetime) -> None:
        """Take what the remote insists on, or what was written, for the newest."""
        if self.is_behind(version, at):  # somebody has reset the branch
            self._older.clear()
        elif self._newest is not None and version != self._newest:
            self._older.add(self._newest)
        self._newest, self._at = version, at
