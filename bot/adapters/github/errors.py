"""Turns what GitHub answers into named failures, with a message that says what to do next.

The only place where HTTP statuses and GraphQL error types get a meaning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from bot.domain.base import stamp
from bot.domain.errors import Forbidden, ForgeError, NotFound, RateLimited, Rejected, Unavailable
from bot.domain.quota import Quota

SECONDARY_WAIT = 60.0
"""Seconds that GitHub asks for at least after a secondary limit that names no time; doubles."""

_GRAPHQL: dict[str, type[ForgeError]] = {
    "NOT_FOUND": NotFound,
    "FORBIDDEN": Forbidden,
    "INSUFFICIENT_SCOPES": Forbidden,
    "RATE_LIMITED": RateLimited,
    "RATE_LIMIT": RateLimited,
    "INTERNAL": Unavailable,
    "SERVICE_UNAVAILABLE": Unavailable,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, with what the messages of its failures say about it."""

    method: str
    path: str
    """Below the API's address, quoted; or a whole URL (the next page, GraphQL)."""
    purpose: str
    """What is done, for messages: ``comment on issue #12 of acme/site``."""
    needs: str
    """The permission that it takes, as a workflow's ``permissions:`` spells it: ``issues: write``."""
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: object = None
    kind: Literal["read", "repeatable write", "single write"] = "read"
    """Whether it changes something, and whether doing so twice differs from doing so once."""
    is_list: bool = False
    """Whether it is a page of a list, which is worth keeping for the next time that it is asked for."""
    partly: bool = False
    """Whether a GraphQL answer is of use where some of what it was asked for is gone or may not be seen."""

    @property
    def writes(self) -> bool:
        """Whether it changes something on GitHub."""
        return self.kind != "read"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers with lower-case names, and the JSON (None where there is none)."""

    status: int
    headers: Mapping[str, str]
    data: Any = None
    is_json: bool = True

    @property
    def date(self) -> datetime | None:
        """The server's clock, where it sent one."""
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return None


@dataclass(frozen=True, slots=True)
class Setback:
    """A failure that may pass; ``error`` is raised when waiting is over or pointless."""

    error: ForgeError
    wait: float | None = None
    """Seconds that the server demands; None where the caller's own backoff decides."""
    doubles: bool = False
    """Whether that wait doubles with each attempt."""
    may_have_acted: bool = False
    """Whether the request may have been carried out all the same."""


def quota_of(answer: Answer) -> Quota | None:
    """What an answer tells of the token's REST requests; GraphQL and searches have limits of their own."""
    names = ("x-ratelimit-limit", "x-ratelimit-used", "x-ratelimit-reset")
    told = [answer.headers.get(name, "") for name in names]
    if answer.headers.get("x-ratelimit-resource", "core") != "core":
        return None
    if not all(value.isascii() and value.isdecimal() and len(value) <= 10 for value in told):
        return None
    limit, used, reset = map(int, told)
    return Quota(limit=limit, used=used, resets_at=datetime.fromtimestamp(reset, UTC))


def judge(call: Call, answer: Answer) -> Setback | None:
    """None for an answer that can be used, else a failure that may pass.

    Raises Forbidden, NotFound or Rejected for a failure that repeating cannot change.
    """
    if _is_rate_limit(answer):
        return _rate_limit(call, answer)
    if answer.status >= 500 or answer.status == 408:
        return Setback(
            _unavailable(call, f"it answered {answer.status}{_quoted(answer)}"),
            wait=_seconds(answer.headers.get("retry-after")),
            may_have_acted=True,
        )
    if answer.status >= 300:
        raise _refusal(call, answer)
    if not answer.is_json:
        return Setback(_unavailable(call, "its answer is no JSON"), may_have_acted=True)
    return _graphql_failure(call, answer)


def lost(call: Call, reason: str, *, sent: bool) -> Setback:
    """The failure of a request that got no whole answer."""
    return Setback(_unavailable(call, reason), may_have_acted=sent)


def unreadable(call: Call, problem: str) -> Unavailable:
    """An answer that is JSON, but not what GitHub documents."""
    return _unavailable(call, f"its answer does not have the documented form ({problem})")


def refused_codes(answer: Answer) -> frozenset[str]:
    """The machine-readable codes of a 403 or 422 answer, for example ``already_exists``."""
    return frozenset(str(entry.get("code", "")) for entry in _entries(answer))


def lacking(answer: Answer) -> dict[str, str]:
    """What a GraphQL answer lacks, by its name in the query, and GitHub's word for why."""
    named = [(entry.get("path"), entry) for entry in _entries(answer)]
    return {str(path[0]): str(entry.get("type")) for path, entry in named if isinstance(path, list) and path}


def message_of(answer: Answer) -> str:
    """GitHub's own words: its message and what it says about single fields; may be empty."""
    words = [str(answer.data.get("message") or "")] if isinstance(answer.data, Mapping) else []
    for entry in _entries(answer):
        where = str(entry.get("field") or "")
        what = str(entry.get("message") or entry.get("code") or "")
        words.append(f"{where}: {what}" if where and where not in what else what)
    return "; ".join(dict.fromkeys(word.strip().rstrip(".") for word in words if word.strip()))


def _entries(answer: Answer) -> list[Mapping[str, Any]]:
    errors = answer.data.get("errors") if isinstance(answer.data, Mapping) else None
    if not isinstance(errors, list):
        return []
    return [entry if isinstance(entry, Mapping) else {"message": entry} for entry in errors]


def _quoted(answer: Answer) -> str:
    words = message_of(answer)
    return f' ("{words}")' if words else ""


def _unavailable(call: Call, reason: str) -> Unavailable:
    unknown = (
        "Whether it was done is unknown: look before doing it again."
        if call.kind == "single write"
        else "Try again later."
    )
    return Unavailable(f"GitHub did not {call.purpose}: {reason}. {unknown}")


def _is_rate_limit(answer: Answer) -> bool:
    if answer.status == 429:
        return True
    if answer.status == 403:
        spent = answer.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in answer.headers
        words = message_of(answer).lower()
        return spent or "rate limit" in words or "abuse detection" in words
    return any(_GRAPHQL.get(str(entry.get("type"))) is RateLimited for entry in _entries(answer))


def _rate_limit(call: Call, answer: Answer) -> Setback:
    """GitHub's order: ``retry-after``, else the reset of a spent limit, else a minute, doubling."""
    wait = _seconds(answer.headers.get("retry-after"))
    reset = _seconds(answer.headers.get("x-ratelimit-reset"))
    if wait is None and reset is not None and answer.headers.get("x-ratelimit-remaining") == "0":
        # A second more: the reset may come at any moment of the second that it names.
        wait = max(reset - answer.date.timestamp(), 0.0) + 1 if answer.date else None
        when = f"at {stamp(datetime.fromtimestamp(reset, UTC))}"
        return Setback(_limited(call, answer, when, wait), wait)
    doubles = wait is None
    wait = SECONDARY_WAIT if wait is None else wait
    until = f" ({stamp(answer.date + timedelta(seconds=wait))})" if answer.date else ""
    return Setback(_limited(call, answer, f"in {wait:.0f} s{until}", wait), wait, doubles)


def _limited(call: Call, answer: Answer, when: str, wait: float | None) -> RateLimited:
    return RateLimited(
        f"GitHub's rate limit is used up: it did not {call.purpose}{_quoted(answer)}. "
        f"It takes requests again {when}, later than this run waits: run it again then.",
        wait,
    )


def _seconds(header: str | None) -> float | None:
    try:
        return float(int(header)) if header is not None else None
    except ValueError:
        return None


def _refusal(call: Call, answer: Answer) -> ForgeError:
    said = f"GitHub refused to {call.purpose}: {answer.status}{_quoted(answer)}."
    match answer.status:
        case 401:
            return Forbidden(f"{said} The token is wrong, expired or revoked: give it a valid one.")
        case 403 if "too_large" in refused_codes(answer):
            return Rejected(f"{said} The file is too large for this: make it smaller than 1 MB.")
        case 403 if "is locked" in message_of(answer).lower():
            return Rejected(f"{said} The conversation is locked: unlock it for an answer there.")
        case 403:
            needs = answer.headers.get("x-accepted-github-permissions", "").replace("=", ": ") or call.needs
            return Forbidden(
                f"{said} The token needs the permission {needs}: add it under `permissions:` of the "
                "workflow's job, or to the app or personal token, and run it again."
            )
        case 404 | 410:
            return NotFound(
                f"{said} It does not exist, or the token may not see it: check the name and that the "
                f"token covers it ({call.needs})."
            )
        case status if status < 400:
            target = answer.headers.get("location", "elsewhere")
            return NotFound(f"{said} It has moved to {target}: use its new name.")
        case _:
            return Rejected(f"{said} Change what GitHub complains about; repeating it cannot help.")


def _is_usable_in_part(answer: Answer, entries: Sequence[Mapping[str, Any]]) -> bool:
    """Whether each error is about one named part that is gone or may not be seen, beside others."""
    kinds = [_GRAPHQL.get(str(entry.get("type"))) for entry in entries]
    placed = all(isinstance(entry.get("path"), list) and entry["path"] for entry in entries)
    return isinstance(answer.data.get("data"), Mapping) and placed and {*kinds} <= {NotFound, Forbidden}


def _graphql_failure(call: Call, answer: Answer) -> Setback | None:
    entries = _entries(answer)
    if not entries or not isinstance(answer.data, Mapping):
        return None
    if call.partly and _is_usable_in_part(answer, entries):
        return None
    kind = _GRAPHQL.get(str(entries[0].get("type")), Rejected)
    if kind is Unavailable or message_of(answer).startswith("Something went wrong while executing"):
        return Setback(_unavailable(call, f"it failed inside{_quoted(answer)}"), may_have_acted=True)
    step = {
        NotFound: "It does not exist, or the token may not see it.",
        Forbidden: f"The token needs the permission {call.needs}.",
    }.get(kind, "Change what GitHub complains about; repeating it cannot help.")
    raise kind(f"GitHub refused to {call.purpose}{_quoted(answer)}. {step}")
