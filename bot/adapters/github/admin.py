"""GitHub's whole API by githubkit, for `init`, `doctor`, `upgrade` and `uninstall`; its only home.

It costs most of a second to import, so nothing on a command's path may. Answers are read as plain JSON:
githubkit's own models refuse fields that GitHub adds, and a server of another version.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from githubkit import GitHub, TokenAuthStrategy
from githubkit.exception import (
    GitHubException,
    GraphQLFailed,
    RateLimitExceeded,
    RequestFailed,
)

from bot.domain.errors import Forbidden, ForgeError, NotFound, RateLimited, Rejected, Unavailable

logging.getLogger("httpx").setLevel(logging.WARNING)  # else each request is a line of the log
_TIMEOUT = 30.0
"""Seconds that one request may take."""
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its JSON and the headers that say something of the token or the clock."""

    json: Any
    scopes: str | None = None
    """A classic token's scopes; None for any other kind."""
    date: datetime | None = None
    """GitHub's time."""
    expires: str = ""
    """When the token ends, as GitHub tells it; empty where it does not."""
    status: int = 200
    etag: str = ""
    """By which the same can be asked for conditionally; empty: it cannot."""
    used: int | None = None
    """Requests of the token in the present hour, as GitHub counts them; None: it does not tell."""


class GitHubAdmin:
    """One repository's administration with one token."""

    def __init__(self, repository: str, token: str, api_url: str) -> None:
        """Connects to nothing yet."""
        self.repository = repository
        self.owner, _, self.name = repository.partition("/")
        self._client = GitHub(
            TokenAuthStrategy(token),
            base_url=api_url.rstrip("/") + "/",
            timeout=_TIMEOUT,
            http_cache=False,  # what was just written is read again
            auto_retry=False,  # a write is repeated by calling the whole command again, which looks first
            user_agent="orchestrator",
        )

    def ask(self, what: str, operation: str, **given: object) -> Reply:
        """One operation of githubkit's, named as ``group.operation``, on this repository.

        ``what`` completes "cannot …" in an error. Raises ForgeErrors.
        """
        group, _, name = operation.partition(".")
        call = getattr(getattr(self._client.rest, group), name)
        return self._sent(what, call, {"owner": self.owner, "repo": self.name, **given})

    def ask_elsewhere(self, what: str, operation: str, **given: object) -> Reply:
        """The same for what is not about this repository."""
        group, _, name = operation.partition(".")
        return self._sent(what, getattr(getattr(self._client.rest, group), name), given)

    def every(self, what: str, operation: str, key: str = "", **given: object) -> Iterator[Any]:
        """All rows of a list; ``key`` names them where they stand in an object."""
        page = 1
        while True:
            found = self.ask(what, operation, per_page=_PAGE, page=page, **given).json
            rows = found[key] if key else found
            yield from rows
            if len(rows) < _PAGE:
                return
            page += 1

    def graph(self, what: str, query: str, **variables: object) -> Any:  # noqa: ANN401 - as GraphQL answers
        """A GraphQL question's data. Raises ForgeErrors."""
        try:
            return self._client.graphql(query, variables)
        except GraphQLFailed as error:
            raise Rejected(f"cannot {what}: {str(error)[:200]}") from None
        except GitHubException as error:
            raise _named(what, error) from None

    def _sent(self, what: str, call: Any, given: dict[str, object]) -> Reply:  # noqa: ANN401
        try:
            answer = call(**given)
            body = answer.json() if answer.content else None
        except GitHubException as error:
            raise _named(what, error) from None
        except ValueError:
            raise Unavailable(f"cannot {what}: the answer is no JSON; is GITHUB_API_URL right?") from None
        headers = answer.headers
        return Reply(
            body,
            headers.get("x-oauth-scopes"),
            _time(headers.get("date", "")),
            headers.get("github-authentication-token-expiration", ""),
            answer.status_code,
            headers.get("etag", ""),
            int(used) if (used := headers.get("x-ratelimit-used", "")).isdecimal() else None,
        )


def _time(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None


def _named(what: str, error: GitHubException) -> ForgeError:
    """A failure of githubkit's as one of this program's, with what GitHub said and wants."""
    if not isinstance(error, RequestFailed):
        return Unavailable(f"cannot {what}: no answer from GitHub ({type(error).__name__}); try again later")
    status, said = error.response.status_code, _message(error)
    if isinstance(error, RateLimitExceeded):
        wait = error.retry_after.total_seconds()
        return RateLimited(f"cannot {what}: the rate limit is used up; again in {wait:.0f} s", wait)
    wanted = _wanted(error)
    if status in (401, 403):
        return Forbidden(f"cannot {what}: {said}{wanted}")
    if status in (404, 410):
        return NotFound(f"cannot {what}: {said}{wanted}; it is not there, or the token may not see it")
    if status >= 500:
        return Unavailable(f"cannot {what}: GitHub answers {status}; try again later")
    return Rejected(f"cannot {what}: {said}")


def _message(error: RequestFailed) -> str:
    try:
        body = error.response.json()
        details = [one.get("message") or one.get("code", "") for one in body.get("errors", [])]
        text = "; ".join([str(body["message"]), *map(str, details)])
    except (ValueError, KeyError, AttributeError, TypeError):
        text = f"GitHub answers {error.response.status_code}"
    return re.sub(r"\s+", " ", text)[:300]


def _wanted(error: RequestFailed) -> str:
    """What the token would need, where GitHub tells that with its refusal."""
    accepted = error.response.headers.get("x-accepted-github-permissions", "")
    return f" (it takes the permission {accepted.replace('=', ': ')})" if accepted else ""
