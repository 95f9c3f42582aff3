"""Reading what an agent answers, by the rules of its profile, while it answers."""

from __future__ import annotations

import json
import math
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.domain.failures import FailureKind
from bot.domain.profiles import Outcome, Profile, Reading, Where
from bot.executors.contained import Ended

_MOST_JSON = 8_000_000
"""Bytes of a single JSON answer."""
_TEXT = 64_000
"""Characters of a text that are kept."""
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Answer:
    """What an agent said, as far as it could be read. Its texts are untrusted and not masked yet."""

    failure: FailureKind | None
    text: str = ""
    error: str = ""
    cost: float = 0.0
    """US dollars."""
    turns: int = 0
    tokens: int = 0
    session: str = ""


class _Figure:
    """One reading, kept up to date with each object."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.value: Any = None

    def see(self, item: Mapping[str, Any]) -> None:
        rule = self.reading
        if not fits(item, rule.where):
            return
        found = at(item, rule.path) if rule.path else item
        if found is _ABSENT or found is None:
            return
        if rule.take == "count":
            self.value = (self.value or 0) + 1
        elif rule.take == "sum":
            self.value = (self.value or 0) + _number(found)
        else:
            self.value = found

    @property
    def number(self) -> float:
        return _number(self.value) * self.reading.times


def at(item: object, path: str) -> Any:  # noqa: ANN401 - whatever an agent puts there
    """What stands at a path of keys; ``_ABSENT`` where nothing does."""
    for key in path.split("."):
        if not isinstance(item, Mapping) or key not in item:
            return _ABSENT
        item = item[key]
    return item


def fits(item: Mapping[str, Any], where: Where) -> bool:
    """Whether every path has its value, or one of its values."""
    for path, wanted in where.items():
        found = at(item, path)
        if not any(_same(found, value) for value in (wanted if isinstance(wanted, tuple) else (wanted,))):
            return False
    return True


def _same(found: object, wanted: object) -> bool:
    """Equal and of the same kind: in Python, 1 would be True."""
    return isinstance(found, bool) == isinstance(wanted, bool) and found == wanted


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if math.isfinite(value) else 0.0


def _string(value: object) -> str:
    if isinstance(value, str):
        return value[:_TEXT]
    if isinstance(value, list):
        return "; ".join(part for part in value if isinstance(part, str))[:_TEXT]
    return ""


class Listener:
    """Takes an agent's output line by line and knows at any time what it has cost so far."""

    def __init__(self, profile: Profile, usage: Path) -> None:
        """``usage`` is the file that some agents write their figures into."""
        self._profile = profile
        self._usage = usage
        self._end: Mapping[str, Any] | None = None
        self._text: deque[str] = deque(maxlen=400)
        self._errors: deque[str] = deque(maxlen=40)
        self._whole: list[bytes] = []
        self._size = 0
        read = profile.read
        self._result, self._cost, self._turns, self._session = (
            _Figure(reading) if reading else None
            for reading in (read.result, read.cost, read.turns, read.session)
        )
        self._tokens = [_Figure(reading) for reading in read.tokens]
        self._said = [_Figure(reading) for reading in read.errors]

    def out(self, line: bytes) -> None:
        """A line of the standard output."""
        match self._profile.output:
            case "text":
                self._text.append(line[:4_000].decode("utf-8", "replace"))
            case "lines":
                self._see(_parsed(line))
            case "json":
                self._size += len(line) + 1
                if self._size <= _MOST_JSON:
                    self._whole.append(line)

    def err(self, line: bytes) -> None:
        """A line of the error output."""
        self._errors.append(line[:2_000].decode("utf-8", "replace"))

    @property
    def turns(self) -> int:
        """Turns so far."""
        return int(self._turns.number) if self._turns else 0

    @property
    def tokens(self) -> int:
        """Tokens so far."""
        return int(sum(figure.number for figure in self._tokens))

    @property
    def cost(self) -> float:
        """US dollars so far: told by the agent, or counted from its tokens where their price is known."""
        told = self._cost.number if self._cost else 0.0
        if not told and self._profile.prices:
            told = self.tokens / 1_000_000 * self._profile.prices.per_million
        return max(told, 0.0)

    def answer(self, ended: Ended) -> Answer:
        """What it was in the end."""
        if self._profile.output == "json":
            self._see(_parsed(b"\n".join(self._whole)) if self._size <= _MOST_JSON else None)
        self._see_file()
        failure = self._failure(ended)
        text = "\n".join(self._text)[-_TEXT:] if self._profile.output == "text" else ""
        return Answer(
            failure=failure,
            text=text or (_string(self._result.value) if self._result else ""),
            error=self._error() if failure else "",
            cost=self.cost,
            turns=self.turns,
            tokens=self.tokens,
            session=_string(self._session.value)[:200] if self._session else "",
        )

    def _see(self, item: object) -> None:
        if not isinstance(item, Mapping):
            return
        if self._profile.answer and fits(item, self._profile.answer):
            self._end = item
        for figure in self._figures():
            if not figure.reading.file:
                figure.see(item)

    def _see_file(self) -> None:
        try:
            if self._usage.is_symlink() or self._usage.stat().st_size > _MOST_JSON:
                return
            item = _parsed(self._usage.read_bytes())
        except OSError:
            return
        if isinstance(item, Mapping):
            for figure in self._figures():
                if figure.reading.file:
                    figure.see(item)

    def _figures(self) -> Iterator[_Figure]:
        yield from filter(None, (self._result, self._cost, self._turns, self._session))
        yield from self._tokens
        yield from self._said

    def _failure(self, ended: Ended) -> FailureKind | None:
        if ended.stopped:
            return ended.stopped
        if ended.exit_code == 127 and self._end is None:
            return FailureKind.MISSING
        if self._profile.output == "text":
            return self._kind({}) if ended.exit_code else None
        if self._end is None:
            return self._kind({}) if ended.exit_code else FailureKind.GARBAGE
        if fits(self._end, self._profile.fine) and not ended.exit_code:
            return None
        return self._kind(self._end)

    def _kind(self, end: Mapping[str, Any]) -> FailureKind:
        text = self._error()
        return next((one.kind for one in self._profile.outcomes if _tells(one, end, text)), FailureKind.ERROR)

    def _error(self) -> str:
        """What the agent says of its failure, else the end of what it wrote."""
        said = next(filter(None, (_string(figure.value) for figure in self._said)), "")
        return said or "\n".join(self._errors).strip()[-2_000:] or "\n".join(self._text).strip()[-2_000:]


def _tells(outcome: Outcome, end: Mapping[str, Any], text: str) -> bool:
    if outcome.where:
        return fits(end, outcome.where)
    return bool(re.search(outcome.pattern, text, re.IGNORECASE))


def _parsed(text: bytes) -> object:
    """The JSON value; None for what is none: agents print notes between their objects."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
