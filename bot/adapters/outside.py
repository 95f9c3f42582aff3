"""Tells people outside of GitHub through apprise: Slack, e-mail, Teams, webhooks, by addresses in a secret.

An address holds its own credentials, so none of it may get into a log, an error or an answer: apprise's own
log is switched off here, and of what it raises only the kind is told.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from bot.domain.alerting import Severity
from bot.domain.errors import Unavailable

SECRET = "ORCHESTRATOR_NOTIFY_URLS"  # noqa: S105 - the variable's name
TIMEOUT = 10.0
"""Seconds for all addresses together: whoever does not answer by then is asked again later."""
_EACH = 4.0
"""Seconds to connect, and again to answer, where an address sets no ``cto`` and ``rto`` of its own."""
_TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}
log = logging.getLogger("orchestrator")


def addresses(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses in the secret: separated by spaces, commas before the next address, or lines."""
    found = re.split(r"[\s]+|,(?=[a-zA-Z0-9+.-]+://)", environ.get(SECRET, ""))
    return tuple(one for one in found if one)


def notifier(environ: Mapping[str, str]) -> Outside | None:
    """The way outside; None where no address is set. Imports nothing before there is something to tell."""
    found = addresses(environ)
    return Outside(found) if found else None


class Outside:
    """``bot.ports.Notifier`` over apprise."""

    def __init__(self, urls: tuple[str, ...], timeout: float = TIMEOUT) -> None:
        """``timeout`` is in seconds, for a whole message."""
        self._urls, self._timeout = urls, timeout

    def __repr__(self) -> str:
        """Without the addresses."""
        return f"Outside({len(self._urls)} addresses)"

    def tell(self, severity: Severity, title: str, body: str) -> tuple[str, ...]:
        """See ``Notifier.tell``. Every address is asked at the same time."""
        pool = ThreadPoolExecutor(max_workers=len(self._urls), thread_name_prefix="outside")
        told = {
            pool.submit(_send, url, severity, title, body): f"{_service(url)} (address {number})"
            for number, url in enumerate(self._urls, 1)
        }
        done, _ = wait(told, timeout=self._timeout)
        pool.shutdown(wait=False, cancel_futures=True)
        failed = tuple(name for future, name in told.items() if future not in done or not future.result())
        if len(failed) == len(told):
            raise Unavailable(
                f"no address of the secret {SECRET} took the message: {', '.join(failed)}; see docs/alerts.md"
            )
        if failed:
            log.warning("not all addresses in %s took the message: %s", SECRET, ", ".join(failed))
        return failed


def _service(url: str) -> str:
    """``json``, ``slack``: an address's scheme, which holds no credentials."""
    found = re.match(r"([a-zA-Z0-9+.-]{1,20})://", url)
    return found[1].lower() if found else "an address that is none"


def _send(url: str, severity: Severity, title: str, body: str) -> bool:
    """Tell one address; False where it did not take it. Raises nothing: the text could hold the address."""
    try:
        return _sent(url, _TYPES[severity], title, body)
    except Exception as error:
        log.warning("an address for %s failed: %s", _service(url), type(error).__name__)
        return False


def _sent(url: str, kind: str, title: str, body: str) -> bool:
    import apprise

    logging.getLogger("apprise").disabled = True
    one: Any = apprise.Apprise.instantiate(_limited(url), suppress_exceptions=True)
    if not one:
        return False
    return bool(one.notify(body=body, title=title, notify_type=apprise.NotifyType(kind)))


def _limited(url: str) -> str:
    """The address with time limits, where it has none of its own."""
    if re.search(r"[?&](cto|rto)=", url):
        return url
    return f"{url}{'&' if '?' in url else '?'}cto={_EACH}&rto={_EACH}"
