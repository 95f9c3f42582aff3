"""Trying again while GitHub does not answer: an attempt that is paid for is not thrown away for an outage."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    stop_any,
)
from tenacity.wait import wait_base, wait_exponential

from bot.app.publishing.made import Made
from bot.domain.errors import NoAccess, RateLimited, StoreUnavailable, Unavailable

log = logging.getLogger("orchestrator")
MOST = 12
"""Attempts, whatever time they take."""
LONGEST = 60.0
"""Seconds between two of them, unless GitHub names a longer time."""


class _Wait(wait_base):
    """2, 4, 8 … seconds, or as long as GitHub wants."""

    _steps = wait_exponential(multiplier=2, max=LONGEST)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = _error(retry_state)
        named = error.wait if isinstance(error, RateLimited) and error.wait else 0.0
        return max(named, self._steps(retry_state))


def patiently(make: Callable[[], Made], seconds: float, wait: Callable[[float], None]) -> Made:
    """Publish, and again for at most ``seconds`` while there is no answer; doing so makes nothing twice.

    Raises what the last attempt raised. A wait that GitHub names and that is longer is not begun.
    """
    retrying = Retrying(
        retry=retry_if_exception(lambda error: _may_pass(error, seconds)),
        wait=_Wait(),
        stop=stop_any(stop_after_attempt(MOST if seconds else 1), stop_after_delay(seconds)),
        sleep=wait,
        before_sleep=_tell,
        reraise=True,
    )
    return retrying(make)


def _may_pass(error: BaseException, seconds: float) -> bool:
    if isinstance(error, RateLimited):
        return (error.wait or 0.0) <= seconds
    return isinstance(error, (Unavailable, StoreUnavailable)) and not isinstance(error, NoAccess)


def _error(retry_state: RetryCallState) -> BaseException | None:
    return retry_state.outcome.exception() if retry_state.outcome else None


def _tell(retry_state: RetryCallState) -> None:
    wait = retry_state.upcoming_sleep
    log.warning("the work is published again in %.0f s: %s", wait, _error(retry_state))
