"""Where a GitHub App gets its tokens: two routes that the hub does not have, in front of the hub's own."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPMessage

import jwt

from tests.e2e.door import Answer, Door
from tests.security.planted import APP_ID

INSTALLATION = 11


class Office(Door):
    """Gives the App's installation its token, to whoever signs with the App's key."""

    def __init__(self, hub_url: str, public_key: str, token: str) -> None:
        super().__init__(hub_url)
        self.public_key, self.token = public_key, token
        self.given = 0
        """Tokens that were asked for."""

    def judge(self, request: str) -> None:
        """Nobody dies here."""

    def answer(self, request: str, headers: HTTPMessage) -> Answer | None:
        """What the hub does not know; None for all else."""
        if not re.search(r"/orgs/[\w-]+/installation$|/app/installations/\d+/access_tokens$", request):
            return None
        signed = (headers["Authorization"] or "").partition(" ")[2]
        claims = jwt.decode(signed, self.public_key, algorithms=["RS256"])
        assert str(claims["iss"]) == APP_ID
        if request.endswith("/installation"):
            return 200, [("Content-Type", "application/json")], b'{"id": %d, "app_id": 7}' % INSTALLATION
        self.given += 1
        made = b'{"token": "%s", "expires_at": "2030-01-01T00:00:00Z"}' % self.token.encode()
        return 201, [("Content-Type", "application/json")], made


@contextmanager
def opened(hub_url: str, public_key: str, token: str) -> Iterator[Office]:
    """The office in front of a hub."""
    office = Office(hub_url, public_key, token)
    thread = threading.Thread(target=office.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        office.shutdown()
        office.server_close()
        thread.join()
