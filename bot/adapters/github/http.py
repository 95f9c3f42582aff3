"""One request to GitHub's API at a time, over a connection that is kept: no retries, no pauses, no judgement.

On ``requests`` alone. A command waits for what it imports: PyGithub, whose requester this was, is 2 MB of
source in 176 modules and brings cryptography along, which a fresh runner compiles before the first request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.auth import AuthBase

USER_AGENT = "orchestrator"
_MOVED = 301


class Elsewhere(Exception):
    """A redirection that leaves this server, which the token must not follow."""


class _Token(AuthBase):
    """Sets the header itself, so that no ``.netrc`` of the machine's is asked for another."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"token {self._token}"
        return request


class Wire:
    """Requests with one token to one API, ``api_url`` without a final slash; ``timeout`` is in seconds."""

    def __init__(self, token: str, api_url: str, timeout: float) -> None:
        self._parts = urlsplit(api_url)
        self._prefix = self._parts.path
        self._timeout = timeout
        self._session = requests.Session()
        self._session.auth = _Token(token)
        self._session.headers["User-Agent"] = USER_AGENT

    @property
    def graphql_url(self) -> str:
        """Where GraphQL answers: beside the REST API, ``/api/graphql`` on GitHub Enterprise."""
        return self._address(f"{self._prefix.removesuffix('/v3')}/graphql")

    def request(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: object
    ) -> tuple[int, Mapping[str, str], bytes]:
        """The status, the headers by names in small letters, and the content of the answer.

        ``path`` begins with a slash, or is an address that GitHub has given: of that only what stands behind
        the host counts, so that the token is never sent to another one. A permanent move within this server
        is followed once, by reading alone: a write would land in what may be somebody else's repository.
        Raises Elsewhere, and what ``requests`` raises.
        """
        if path.startswith("/"):
            address = self._address(f"{self._prefix}{path}")
        else:
            given = urlsplit(path)
            address = self._address(given.path, given.query)
        answer = self._send(method, address, query, headers, body)
        if method == "GET" and answer[0] == _MOVED and "location" in answer[1]:
            answer = self._send(method, self._moved(address, answer[1]["location"]), {}, headers, body)
        return answer

    def _send(
        self, method: str, address: str, query: Mapping[str, Any], headers: Mapping[str, str], body: object
    ) -> tuple[int, Mapping[str, str], bytes]:
        sent = dict(headers)
        content = None
        if body is not None:
            content, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        answer = self._session.request(
            method, address, params=dict(query), headers=sent, data=content, timeout=self._timeout,
            allow_redirects=False,
        )  # fmt: skip
        return (
            answer.status_code,
            {name.lower(): text for name, text in answer.headers.items()},
            answer.content,
        )

    def _moved(self, address: str, location: str) -> str:
        target = urlsplit(location)
        here = (self._parts.scheme, self._parts.netloc)
        if target.netloc and (target.scheme, target.netloc) != here:
            raise Elsewhere(f"it was redirected to {target.scheme}://{target.hostname}")
        moved = self._address(target.path, target.query)
        if moved == address:
            raise Elsewhere("it was redirected to the same address")
        return moved

    def _address(self, path: str, query: str = "") -> str:
        return urlunsplit((self._parts.scheme, self._parts.netloc, path, query, ""))
