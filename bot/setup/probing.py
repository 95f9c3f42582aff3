"""``orchestrator doctor --probe``: all probes one after the other, and everything taken away after them."""

from __future__ import annotations

import secrets
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

import click

from bot.adapters.actions import ActionsContext
from bot.domain.errors import Forbidden, NotFound, OrchestratorError
from bot.setup.findings import Finding, Found, Verdict
from bot.setup.grounds import MARK, Grounds, clear
from bot.setup.permissions import SETUP, listed
from bot.setup.probes import PROBES, Probe

CLEAN = "clean-up"
_AGAIN = "call it again: orchestrator doctor --probe takes away what is left, found by its mark"


def probe(
    context: ActionsContext,
    environ: Mapping[str, str],
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> list[Finding]:
    """Each probe's finding, in the table's order, and that of the clean-up.

    Whatever happens in the middle, also where it is interrupted, what was made is taken away before this
    ends. Raises UsageError where there is no such repository.
    """
    grounds = Grounds(context, environ, f"{MARK}-{secrets.token_hex(4)}", sleep, monotonic)
    grounds.about  # noqa: B018 - without it nothing can be made
    before, _ = clear(grounds)
    with _ended_by_signals():
        try:
            findings = [_finding(one, grounds) for one in PROBES]
        except BaseException:
            click.echo("orchestrator: ending; what was made is taken away first", err=True)
            for line in clear(grounds)[1]:
                click.echo(f"orchestrator: left behind: {line}", err=True)
            raise
    return [*findings, _cleaned(before, *clear(grounds))]


def _finding(one: Probe, grounds: Grounds) -> Finding:
    try:
        found = one.look(grounds)
    except OrchestratorError as error:
        reason = " ".join(str(error).split())
        refused = isinstance(error, Forbidden | NotFound)
        mend = f"take a token that may: {listed(SETUP)}" if refused else ""
        return Finding(one.name, Verdict.UNSEEN, f"could not look: {reason}", one.why, mend, one.expected)
    return _judged(one.name, found, one.why, one.expected)


def _judged(name: str, found: Found, why: str, expected: str) -> Finding:
    verdict = Verdict.WRONG if found.mend else Verdict.WELL
    return Finding(name, verdict, found.text, why, found.mend, expected)


def _cleaned(before: list[str], done: list[str], left: list[str]) -> Finding:
    parts = [*(f"of an earlier call: {line}" for line in before), *done]
    text = "; ".join([*parts, *(f"left behind: {line}" for line in left)])
    found = Found(text or "nothing was made", _AGAIN if left else "")
    expected = "nothing is left but a closed issue and a cancelled run"
    return _judged(CLEAN, found, "a repository is left as it was found", expected)


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """A request to end is as good as Ctrl-C: what was made is taken away first."""
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
