"""An agent's log: written while it runs, without secrets, and of bounded size whatever it prints."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from bot.domain.masking import masked

HEAD = 1_000_000
"""Characters that are kept from the beginning."""
TAIL = 200_000
"""Characters that are kept from the end, where the beginning was full."""
LINE = 20_000
"""Characters of a line that are kept."""
_MARGIN = 5_000
"""Characters behind them that are looked at: half of a secret would have no shape to be known by."""

_KEY = "PRIVATE KEY-----"
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")
_SHORTEST = 8
"""Characters: what is shorter would strike out ordinary words."""


class Mask:
    """Strikes out what looks like a secret, and the values that are known to be some."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        """``values`` are struck out wherever they stand, longest first."""
        known = sorted({value for value in values if len(value) >= _SHORTEST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def text(self, text: str) -> str:
        """A text by itself."""
        return masked(self._known.sub("***", text) if self._known else text)

    def line(self, line: str, key: bool) -> str:
        """One line of several; ``key``: it begins inside of a private key, as ``inside`` tells."""
        if key:
            if not (end := _KEY_ENDS.search(line)):
                return "***"
            line = "***" + line[end.end() :]
        return self.text(line)


def inside(line: str, key: bool) -> bool:
    """Whether the next line begins inside of a private key, when this one did (``key``) or did not."""
    if _KEY not in line:
        return key
    begins = [found.end() for found in _KEY_BEGINS.finditer(line)]
    ends = [found.end() for found in _KEY_ENDS.finditer(line)]
    if not begins and not ends:
        return key
    return max(begins, default=-1) > max(ends, default=-1)


class Transcript:
    """The file that people read; a context manager that finishes it."""

    def __init__(self, path: Path, mask: Mask) -> None:
        """A new file; one that is there is replaced."""
        self._mask = mask
        self._file = path.open("w", encoding="utf-8", errors="replace")
        self._written = 0
        self._tail: deque[tuple[str, bool]] = deque()
        self._key = False
        self._waiting = 0
        self._left_out = 0

    def __enter__(self) -> Transcript:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._left_out:
            self._file.write(f"[… {self._left_out:,} characters left out]\n")
        self._file.writelines(self._shown(*waiting) + "\n" for waiting in self._tail)
        self._file.close()

    def add(self, line: bytes) -> None:
        """A line as it was printed."""
        self.note(line.decode("utf-8", "replace"))

    def note(self, text: str) -> None:
        """A line of text. Behind the beginning only what is kept in the end is looked at for secrets."""
        line, key = text[: LINE + _MARGIN], self._key
        self._key = inside(text, key)
        if not self._tail and self._written < HEAD:
            shown = self._shown(line, key)
            self._file.write(shown + "\n")
            self._file.flush()
            self._written += len(shown) + 1
            return
        self._tail.append((line, key))
        self._waiting += len(line) + 1
        while self._waiting > TAIL and len(self._tail) > 1:
            gone = len(self._tail.popleft()[0]) + 1
            self._waiting -= gone
            self._left_out += gone

    def _shown(self, line: str, key: bool) -> str:
        shown = self._mask.line(line, key)
        return shown if len(shown) <= LINE else f"{shown[:LINE]} [… cut here]"
