"""Reads from a push, as it streams by, which refs it is to change: git's pkt-lines before the pack."""

from __future__ import annotations

import re

from bot.hub.data.pull_records import RefUpdate

_COMMAND = re.compile(rb"([0-9a-f]{40,64}) ([0-9a-f]{40,64}) ([^\0\n]+)")
_LIMIT = 4 * 1024 * 1024
"""Bytes that are looked at; the commands of 30,000 refs fit in."""


class PushCommands:
    """Takes the body's parts in their order; ``updates`` is complete once the first flush came by."""

    def __init__(self) -> None:
        self.updates: list[RefUpdate] = []
        self._waiting = bytearray()
        self._done = False

    def feed(self, part: bytes) -> None:
        """Look at the next part of the body, unzipped."""
        if self._done:
            return
        self._waiting += part
        self._done = len(self._waiting) > _LIMIT
        while not self._done and len(self._waiting) >= 4:
            size = self._size()
            if len(self._waiting) < size:
                return
            self._note(bytes(self._waiting[4:size]))
            del self._waiting[: max(size, 4)]

    def _size(self) -> int:
        """The length of the next line with its head; a flush, and what is no pkt-line, ends the commands."""
        try:
            size = int(self._waiting[:4], 16)
        except ValueError:
            size = 0
        self._done = size < 4
        return size

    def _note(self, line: bytes) -> None:
        found = _COMMAND.match(line)
        if found:
            old, new, ref = (text.decode(errors="surrogateescape") for text in found.groups())
            self.updates.append(RefUpdate(old, new, ref))
