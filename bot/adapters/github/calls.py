"""What all requests about one repository share: their addresses, lists over pages, typed answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote

from pydantic import ValidationError

from bot.adapters.github.errors import Call, unreadable
from bot.adapters.github.models import ModelT, first_problem
from bot.adapters.github.transport import Transport
from bot.domain.errors import Rejected, UsageError
from bot.domain.quota import Meter


class RepositoryCalls(Transport):
    """Requests about one repository, through one token."""

    def __init__(
        self,
        repository: str,
        token: str,
        api_url: str = "https://api.github.com",
        *,
        retry_within: float = 60.0,
        timeout: int = 15,
        default_branch: str = "",
        jitter_seed: str = "",
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        meter: Meter | None = None,
    ) -> None:
        """Connect to nothing yet.

        ``retry_within`` bounds the seconds that one request may take with its repetitions, ``timeout``
        the seconds without any byte from the server. ``default_branch``, where it is known, spares
        the first ``dispatch`` a request. ``jitter_seed`` should differ between runs that may fail
        together: the run's id. ``meter`` counts the requests by purpose. Raises UsageError for a name, token
        or address that cannot be one.
        """
        self._name = _checked_repository(repository)
        self._home = f"/repos/{self._name}"
        self._default_branch = default_branch
        super().__init__(
            token,
            api_url,
            retry_within=retry_within,
            timeout=timeout,
            jitter_seed=jitter_seed,
            sleep=sleep,
            monotonic=monotonic,
            meter=meter,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r})"

    def _get(
        self,
        path: str,
        purpose: str,
        query: Mapping[str, str | int] | None = None,
        needs: str = "issues: read",
    ) -> Call:
        """A read below the repository's address."""
        return Call("GET", self._home + path, f"{purpose} of {self._name}", needs, query or {})

    def _change(
        self,
        method: str,
        path: str,
        purpose: str,
        body: object = None,
        *,
        needs: str = "issues: write",
        kind: Literal["repeatable write", "single write"] = "repeatable write",
    ) -> Call:
        """A write below the repository's address."""
        return Call(method, self._home + path, f"{purpose} in {self._name}", needs, body=body, kind=kind)

    def _all(self, model: type[ModelT], call: Call, key: str = "") -> list[ModelT]:
        """The entries of all pages; ``key`` where each page is an object that holds the list."""
        return [entry for page in self._pages_of(model, call, key) for entry in page]

    def _pages_of(self, model: type[ModelT], call: Call, key: str = "") -> Iterator[list[ModelT]]:
        """The same page by page, each requested when it is asked for."""
        for page in self.pages(call):
            entries = page.get(key) if key and isinstance(page, Mapping) else page
            if not isinstance(entries, list):
                raise unreadable(call, "a list was expected")
            yield [parsed(model, entry, call) for entry in entries]


def parsed(model: type[ModelT], data: object, call: Call) -> ModelT:
    """An answer as a model; raises Unavailable where it is not what GitHub documents."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise unreadable(call, first_problem(error)) from None


def graph(query: str, **variables: str) -> dict[str, Any]:
    """The body of a GraphQL request."""
    return {"query": query, "variables": variables}


def segment(text: str) -> str:
    """One part of a path, quoted. ``..`` would reach another address, so it is refused."""
    if text in ("", ".", ".."):
        raise Rejected(f"{text!r} cannot be part of an address on GitHub: use a plain name or path.")
    return quote(text, safe="")


def _checked_repository(name: str) -> str:
    parts = name.split("/")
    if len(parts) != 2 or not all(re.fullmatch(r"(?!\.{1,2}$)[A-Za-z0-9._-]+", part) for part in parts):
        raise UsageError(f"{name!r} is not a repository: expected owner/name, for example acme/site.")
    return name
