"""People who speak to the hub over HTTP, and the hub's control surface: time, faults, the request log."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.hub.data.records import HubEvent
from bot.hub.data.world import World
from bot.hub.setup import HubInfo

REPOSITORY = "acme/factory"
Json = dict[str, Any]


@dataclass(frozen=True)
class Traffic:
    """Requests that came in at the hub."""

    requests: Sequence[Json]

    @property
    def api(self) -> list[str]:
        """``METHOD path`` of each API request."""
        return [f"{one['method']} {one['path']}" for one in self.requests if one["kind"] == "api"]

    @property
    def pushes(self) -> list[str]:
        """The pushes."""
        return [one["path"] for one in self.requests if one["path"].endswith("/git-receive-pack")]

    @property
    def logins(self) -> set[str]:
        """Whose token the requests carried."""
        return {str(one["login"]) for one in self.requests}


@dataclass
class People:
    """One hub without a runner, and the people who use it."""

    world: World
    info: HubInfo
    _clients: dict[str, httpx.Client] = field(default_factory=dict, kw_only=True)
    _seen: int = field(default=0, kw_only=True)
    """The id of the last request that ``mark`` has seen."""

    def call(self, login: str, method: str, path: str, body: object = None, **options: Any) -> Any:
        """One REST request of an account; its JSON. Anything but success fails the test."""
        return self._request(login, method, self.info.api_url + path, body, **options)

    def _request(self, login: str, method: str, url: str, body: object, **options: Any) -> Any:
        if login not in self._clients:
            headers = {"Authorization": f"Bearer {self.token(login)}"} if login else {}
            self._clients[login] = httpx.Client(headers=headers, timeout=60, trust_env=False)
        answer = self._clients[login].request(method, url, json=body, **options)
        assert answer.is_success, f"{method} {url}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.content else None

    def every(self, path: str, **query: Any) -> list[Json]:
        """All pages of a list."""
        found: list[Json] = []
        for page in itertools.count(1):
            part = self.call("ada", "GET", path, params={**query, "per_page": 100, "page": page})
            rows = part["workflow_runs"] if isinstance(part, dict) else part
            found += rows
            if len(rows) < 100:
                break
        return found

    def token(self, login: str) -> str:
        """An account's token."""
        accounts = {**self.info.users, **self.info.bots}
        if login in accounts:
            return accounts[login].token
        return self.world.users.token_of(login)

    def issue(self, title: str = "An idea", body: str = "Asked for below.", login: str = "wendy") -> int:
        """Open an issue."""
        opened = self.call(login, "POST", f"/repos/{REPOSITORY}/issues", {"title": title, "body": body})
        number: int = opened["number"]
        return number

    def comment(self, issue: int, body: str, login: str = "wendy") -> Json:
        """Comment on an issue; the payload of the webhook that GitHub sends for it."""
        where = f"/repos/{REPOSITORY}/issues/{issue}"
        return self.payload(self.call(login, "POST", f"{where}/comments", {"body": body}))

    def payload(self, comment: Json) -> Json:
        """The payload of the webhook that GitHub sends for a comment that was created."""
        return {
            "action": "created",
            "comment": comment,
            "issue": self.call("ada", "GET", comment["issue_url"].removeprefix(self.info.api_url)),
            "repository": self.call("ada", "GET", f"/repos/{REPOSITORY}"),
            "sender": comment["user"],
        }

    def label(self, issue: int, name: str, login: str = "wendy") -> Json:
        """Put a label on an issue by hand; the payload of the webhook that GitHub sends for it."""
        where = f"/repos/{REPOSITORY}/issues/{issue}/labels"
        return self._told(login, "POST", where, {"labels": [name]})

    def unlabel(self, issue: int, name: str, login: str = "wendy") -> Json:
        """Take a label off an issue; the payload."""
        return self._told(login, "DELETE", f"/repos/{REPOSITORY}/issues/{issue}/labels/{name}")

    def close_issue(self, issue: int, login: str = "wendy") -> Json:
        """Close an issue; the payload."""
        return self._told(login, "PATCH", f"/repos/{REPOSITORY}/issues/{issue}", {"state": "closed"})

    def reopen_issue(self, issue: int, login: str = "wendy") -> Json:
        """Open it again; the payload."""
        return self._told(login, "PATCH", f"/repos/{REPOSITORY}/issues/{issue}", {"state": "open"})

    def _told(self, login: str, method: str, path: str, body: object = None) -> Json:
        """Change an issue in one way; what the webhook tells of it (nothing of what the bot does)."""
        events: list[HubEvent] = []
        unsubscribe = self.world.subscribe(events.append)
        self.call(login, method, path, body)
        unsubscribe()
        return dict(next((event.payload for event in events if event.name == "issues"), {}))

    # the hub's control surface

    def control(self, method: str, path: str, body: object = None, **query: Any) -> Any:
        """One request to ``/hub``."""
        return self._request("", method, f"{self.info.url}/hub{path}", body, params=query)

    def forward(self, seconds: float) -> None:
        """Set the hub's clock forward."""
        self.control("POST", "/clock", {"forward": seconds})

    def mark(self) -> int:
        """A place in the request log, for ``since``."""
        requests = self.control("GET", "/requests", since=self._seen)["requests"]
        self._seen = requests[-1]["id"] if requests else self._seen
        return self._seen

    def since(self, mark: int) -> Traffic:
        """What the hub was asked for after that place."""
        return Traffic(self.control("GET", "/requests", since=mark)["requests"])

    @contextmanager
    def faults(self, *specifications: str) -> Iterator[None]:
        """Faults in force (``bot.hub.faults``) until the block ends."""
        for specification in specifications:
            self.control("POST", "/faults", {"fault": specification})
        try:
            yield
        finally:
            self.control("DELETE", "/faults")

    def close(self) -> None:
        """End the people's connections."""
        for client in self._clients.values():
            client.close()
