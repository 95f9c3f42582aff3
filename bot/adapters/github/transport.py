"""Carries single requests to GitHub: authentication, pages, repeated attempts, counting, GitHub's clock.

Waiting is a loop of our own because each wait comes out of an answer (``github_errors``); tenacity, which
would leave just that part to write, makes every start about 50 ms slower.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from requests.exceptions import ConnectionError as ConnectionLost
from requests.exceptions import ConnectTimeout
from requests.utils import parse_header_links
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError

from bot.adapters.github.answers import UNCHANGED, Answers
from bot.adapters.github.errors import Answer, Call, Setback, judge, lacking, lost, quota_of, refused_codes
from bot.adapters.github.http import Elsewhere, Wire
from bot.domain.errors import ForgeError, NotFound, RateLimited, Rejected, UsageError
from bot.domain.quota import Meter, Quota

FREE_WRITES = 30
"""Writes of one process that need no spacing; those beyond it are a second apart."""

WRITE_SPACING = 1.0
"""Seconds between writes when there are many, as GitHub's rate limits ask for."""

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 16.0
_SHORTEST_TOKEN = 16


class Transport:
    """Requests through one token, for github.com and GitHub Enterprise. For use by one thread."""

    def __init__(
        self,
        token: str,
        api_url: str,
        *,
        retry_within: float,
        timeout: int,
        jitter_seed: str,
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        meter: Meter | None,
    ) -> None:
        self.requests = 0
        self._meter = meter or Meter()
        self.unchanged = 0
        """Of these, lists that GitHub answered with 304: as they were, and free of the primary limit."""
        self._answers = Answers()
        self._token = _checked_token(token)
        self._wire = Wire(self._token, _checked_url(api_url), timeout)
        self._retry_within = retry_within
        self._jitter_seed = jitter_seed
        self._sleep = sleep
        self._monotonic = monotonic
        self.quota: Quota | None = None
        self._clock: tuple[datetime, float] | None = None
        self._clock_is_old = True
        self._writes = 0
        self._last_write = 0.0

    @property
    def graphql_url(self) -> str:
        """Where GraphQL answers: beside the REST API, ``/api/graphql`` on GitHub Enterprise."""
        return self._wire.graphql_url

    def now(self) -> datetime | None:
        """GitHub's ``Date`` in the first answer plus elapsed monotonic time; None before it."""
        if self._clock is None:
            return None
        date, at = self._clock
        return date + timedelta(seconds=self._monotonic() - at)

    def set_clock_anew(self) -> None:
        """Let the next answer's ``Date`` count where it is ahead: the machine may have slept for a while."""
        self._clock_is_old = True

    def send(self, call: Call) -> Answer:
        """Make one request, again where that is safe and the time allows it.

        Raises the errors of ``bot.domain.errors``. A single write that may have been carried out is
        never repeated; a refusal by a rate limit always may be.
        """
        began = self._monotonic()
        attempt = 0
        while True:
            outcome = self._attempt(call)
            if isinstance(outcome, Answer):
                return outcome
            pause = self._pause(call, outcome, attempt)
            # Whole seconds, so that a wait of exactly the bound is still within it.
            spent = int(self._monotonic() - began)
            hopeless = outcome.may_have_acted and call.kind == "single write"
            if hopeless or spent + pause > self._retry_within:
                raise self._redacted(outcome.error)
            self._sleep(pause)
            attempt += 1

    def pages(self, call: Call) -> Iterator[Any]:
        """The JSON of each page of 100, one request each, following the ``Link`` headers."""
        page: Call | None = replace(call, query={**call.query, "per_page": 100}, is_list=True)
        while page is not None:
            answer = self.send(page)
            yield answer.data
            links = parse_header_links(answer.headers.get("link", ""))
            following = next((link["url"] for link in links if link.get("rel") == "next"), None)
            page = replace(call, path=following, query={}, is_list=True) if following else None

    def graphql(self, call: Call) -> object:
        """The ``data`` of a GraphQL answer; ``call`` has the query and its variables as its body."""
        answer = self.send(replace(call, method="POST", path=self.graphql_url))
        return answer.data.get("data") if isinstance(answer.data, Mapping) else None

    def graphql_partly(self, call: Call) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """The same of a call that takes part of an answer; with what lacks something, by name, and why."""
        answer = self.send(replace(call, method="POST", path=self.graphql_url))
        data = answer.data.get("data") if isinstance(answer.data, Mapping) else None
        return (data if isinstance(data, Mapping) else {}), lacking(answer)

    def _attempt(self, call: Call) -> Answer | Setback:
        self._space(call)
        self.requests += 1
        sent = {**_HEADERS, **self._answers.condition(call)}
        try:
            status, headers, content = self._wire.request(call.method, call.path, call.query, sent, call.body)
        except (OSError, HTTPError) as error:
            self._meter.count()
            reason, was_sent = _reason(error)
            return lost(call, reason, sent=was_sent)
        except Elsewhere as error:
            raise self._redacted(NotFound(f"GitHub did not {call.purpose}: {error}.")) from None
        finally:
            if call.writes:
                self._writes += 1
                self._last_write = self._monotonic()
        answer = self._answers.completed(call, _read(status, headers, content))
        self.unchanged += status == UNCHANGED
        if status != UNCHANGED:
            self._meter.count()
        self.quota = quota_of(answer) or self.quota
        self._set_clock(answer)
        try:
            return judge(call, answer) or answer
        except Rejected as error:
            raise Refused(self._clean(str(error)), answer) from None
        except ForgeError as error:
            raise self._redacted(error) from None

    def _space(self, call: Call) -> None:
        if call.writes and self._writes >= FREE_WRITES:
            rest = self._last_write + WRITE_SPACING - self._monotonic()
            if rest > 0:
                self._sleep(rest)

    def _pause(self, call: Call, setback: Setback, attempt: int) -> float:
        """Seconds until the next attempt: what the server demands, else a growing wait with jitter.

        The jitter spreads runs that failed together, and is the same whenever a run is repeated.
        """
        if setback.wait is not None:
            return setback.wait * 2**attempt if setback.doubles else setback.wait
        share = crc32(f"{self._jitter_seed} {call.method} {call.path} {attempt}".encode()) / 2**32
        return min(_FIRST_BACKOFF * 2.0**attempt, _LONGEST_BACKOFF) * (1 + share) / 2

    def _set_clock(self, answer: Answer) -> None:
        if answer.date is None or not self._clock_is_old:
            return
        known = self.now()
        self._clock_is_old = False
        if known is None or answer.date > known:
            self._clock = (answer.date, self._monotonic())

    def _clean(self, message: str) -> str:
        # A token shorter than any of GitHub's is a typing error; its letters may be those of any word.
        return message.replace(self._token, "***") if len(self._token) >= _SHORTEST_TOKEN else message

    def _redacted(self, error: ForgeError) -> ForgeError:
        message = self._clean(str(error))
        return RateLimited(message, error.wait) if isinstance(error, RateLimited) else type(error)(message)


class Refused(Rejected):
    """A refusal whose answer can be looked at, for those refusals that are as good as success."""

    def __init__(self, message: str, answer: Answer) -> None:
        super().__init__(message)
        self.status = answer.status
        self.codes = refused_codes(answer)


def _read(status: int, headers: Mapping[str, str], content: bytes) -> Answer:
    try:
        return Answer(status, headers, json.loads(content) if content else None)
    except (ValueError, RecursionError):
        return Answer(status, headers, is_json=False)


def _reason(error: Exception) -> tuple[str, bool]:
    """What happened to the connection, in words, and whether the request may have been read."""
    inner = error.args[0] if isinstance(error, ConnectionLost) and error.args else None
    cause = inner.reason if isinstance(inner, MaxRetryError) else None
    unsent = isinstance(error, ConnectTimeout) or isinstance(cause, NewConnectionError | ConnectTimeoutError)
    if unsent:
        return "the connection could not be made", False
    if "timed out" in str(error).lower():
        return "it did not answer in time", True
    return f"the connection was lost ({type(error).__name__})", True


def _checked_token(token: str) -> str:
    if not re.fullmatch(r"[!-~]+", token):
        raise UsageError(
            "The GitHub token is empty or has characters that no token has, such as a line break: "
            "set GITHUB_TOKEN to the token alone."
        )
    return token


def _checked_url(api_url: str) -> str:
    try:
        parts = urlsplit(api_url)
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "@" in api_url:
        raise UsageError(
            f"{api_url.rpartition('@')[2]!r} is not the address of a GitHub API: expected "
            "https://api.github.com or, on GitHub Enterprise, https://HOST/api/v3. Set GITHUB_API_URL."
        )
    return api_url.rstrip("/")
