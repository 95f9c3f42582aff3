"""Faults on purpose: what goes wrong on a network and on GitHub's side, asked for in one line each.

A specification is ``METHOD PATH option=value …``, for example

    POST */issues/*/comments status=502 times=2
    GET * status=403 header=retry-after:1 times=1
    * * delay=50ms
    POST */git-receive-pack drop=after times=1
    GET */issues/* body=html skip=3 times=1

``METHOD`` is ``*`` or a method. ``PATH`` is a pattern with ``*``, ``?`` and ``[…]`` that the whole path
must match, with or without its query; ``*`` matches slashes too. Requests to the API, to git and to
Pages sites meet faults, never the control surface under ``/hub`` and never the hub's own pages. The
options, at least one of the first six:

``status=N``         answer with this status and GitHub's form of an error
``body=html``        answer with a page of HTML in place of JSON (status 200 unless ``status`` says else)
``body=cut``         act, and close the connection in the middle of the answer
``stale=yes``        answer each path and page as it was answered when this fault first met it
``drop=before``      close the connection without acting
``drop=after``       act, then close the connection without an answer
``delay=50ms``       wait before anything else (``ms`` or ``s``); alone it only delays
``acts=yes``         with ``status`` or ``body``: act first, then answer like this nevertheless
``message=TEXT``     with ``status``: what the error says (quote one with spaces)
``header=NAME:TEXT`` add a header to the answer made up here (repeatable; quote one with spaces)
``times=N``          only the first N matching requests (without it: all)
``skip=N``           leave the first N matching requests alone

git's HTTP library sends a request once more by itself where a connection that it had used before is
closed without a byte of an answer: ``drop`` with ``times=2`` meets that repetition too.

Faults are tried in the order in which they were given; a request meets every delay that matches and
the first other fault.
"""

from __future__ import annotations

import re
import shlex
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

_METHODS = ("*", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
_DELAY = re.compile(r"^(\d+(?:\.\d+)?)(ms|s)$")
_EXAMPLE = "for example 'POST */issues/*/comments status=502 times=2'"
LONGEST_DELAY = 600.0
"""Seconds."""


class FaultInvalid(ValueError):
    """A specification that cannot be understood; says which part and what was expected."""


@dataclass(slots=True)
class Fault:
    """One fault; ``seen`` and ``met`` count matching requests and those that met it."""

    text: str
    method: str
    pattern: str
    status: int | None = None
    html: bool = False
    cut: bool = False
    stale: bool = False
    message: str = ""
    drop: str = ""
    delay: float = 0.0
    """Seconds."""
    acts: bool = False
    headers: list[tuple[str, str]] = field(default_factory=list)
    times: int | None = None
    skip: int = 0
    seen: int = 0
    met: int = 0
    kept: dict[str, list[Any]] = field(default_factory=dict)
    """Of a stale read: path and page → the answer that was given first."""

    @property
    def only_delays(self) -> bool:
        """Whether the request goes on after the delay."""
        return self.status is None and not (self.html or self.cut or self.stale or self.drop)

    def matches(self, method: str, path: str, query: str) -> bool:
        """Whether this request is meant."""
        if self.method not in ("*", method):
            return False
        return fnmatchcase(path, self.pattern) or fnmatchcase(f"{path}?{query}", self.pattern)

    def strikes(self) -> bool:
        """Count a matching request; whether it is the fault's turn."""
        self.seen += 1
        if self.seen <= self.skip or (self.times is not None and self.met >= self.times):
            return False
        self.met += 1
        return True


class Faults:
    """The faults in force. Safe to use from several threads."""

    def __init__(self, specifications: Sequence[str] = ()) -> None:
        self._faults = [parse(text) for text in specifications]
        self._lock = threading.Lock()

    def add(self, specification: str) -> None:
        """Add one. Raises FaultInvalid."""
        fault = parse(specification)
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        """Remove all of them."""
        with self._lock:
            self._faults.clear()

    def list(self) -> list[dict[str, str | int]]:
        """Each specification with how many requests matched it and how many met it."""
        with self._lock:
            return [{"fault": each.text, "seen": each.seen, "met": each.met} for each in self._faults]

    def meet(self, method: str, path: str, query: str) -> tuple[float, Fault | None]:
        """What a request meets: the delay in seconds, and the fault that takes its answer."""
        delay = 0.0
        with self._lock:
            for fault in self._faults:
                if fault.matches(method, path, query) and fault.strikes():
                    delay += fault.delay
                    if not fault.only_delays:
                        return delay, fault
        return delay, None


def parse(text: str) -> Fault:
    """Read one specification. Raises FaultInvalid."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise FaultInvalid(f"fault {text!r}: {error}; quotes must be closed") from error
    if len(words) < 3:
        raise FaultInvalid(f"fault {text!r}: expected METHOD, PATH and at least one option, {_EXAMPLE}")
    method, pattern, *options = words
    if method.upper() not in _METHODS:
        raise FaultInvalid(f"fault {text!r}: method {method!r} is none of {', '.join(_METHODS)}")
    fault = Fault(text, method.upper(), pattern)
    for option in options:
        name, _, value = option.partition("=")
        if name not in _OPTIONS:
            expected = ", ".join(_OPTIONS)
            raise FaultInvalid(f"fault {text!r}: unknown option {option!r}; expected one of {expected}")
        try:
            _OPTIONS[name](fault, value)
        except ValueError as error:
            raise FaultInvalid(f"fault {text!r}: {name}={value}: {error}") from error
    if fault.only_delays and not fault.delay:
        raise FaultInvalid(f"fault {text!r}: nothing goes wrong; add status=, body=, stale=, drop= or delay=")
    return fault


def _set_status(fault: Fault, value: str) -> None:
    if not value.isdigit() or not 200 <= int(value) <= 599:
        raise ValueError("expected an HTTP status from 200 to 599")
    fault.status = int(value)


def _set_body(fault: Fault, value: str) -> None:
    if value not in ("html", "cut"):
        raise ValueError("expected 'html' or 'cut'")
    fault.html, fault.cut = value == "html", value == "cut"


def _set_stale(fault: Fault, value: str) -> None:
    if value != "yes":
        raise ValueError("expected 'yes'")
    fault.stale = True


def _set_message(fault: Fault, value: str) -> None:
    if not value or not value.isprintable():
        raise ValueError("expected what the error says")
    fault.message = value


def _set_drop(fault: Fault, value: str) -> None:
    if value not in ("before", "after"):
        raise ValueError("expected 'before' or 'after'")
    fault.drop = value


def _set_delay(fault: Fault, value: str) -> None:
    match = _DELAY.match(value)
    if match is None:
        raise ValueError("expected a time such as 50ms or 2s")
    fault.delay = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if fault.delay > LONGEST_DELAY:
        raise ValueError(f"expected at most {LONGEST_DELAY:.0f}s")


def _set_acts(fault: Fault, value: str) -> None:
    if value != "yes":
        raise ValueError("expected 'yes'")
    fault.acts = True


def _add_header(fault: Fault, value: str) -> None:
    name, colon, content = value.partition(":")
    if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name) or not content.isprintable():
        raise ValueError("expected NAME:TEXT, for example retry-after:1")
    fault.headers.append((name.lower(), content.strip()))


def _set_times(fault: Fault, value: str) -> None:
    fault.times = _count(value, 1)


def _set_skip(fault: Fault, value: str) -> None:
    fault.skip = _count(value, 0)


def _count(value: str, least: int) -> int:
    if not value.isdigit() or int(value) < least:
        raise ValueError(f"expected a number from {least}")
    return int(value)


_OPTIONS: dict[str, Callable[[Fault, str], None]] = {
    "status": _set_status,
    "body": _set_body,
    "stale": _set_stale,
    "message": _set_message,
    "drop": _set_drop,
    "delay": _set_delay,
    "acts": _set_acts,
    "header": _add_header,
    "times": _set_times,
    "skip": _set_skip,
}
