"""Somebody who uses the embedded hub as they would GitHub: over its API, and with git."""

from __future__ import annotations

import base64
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from bot.adapters import clone


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the hub."""

    login: str
    url: str
    api: str
    repository: str
    token: str = field(repr=False)

    @classmethod
    def of(cls, hub: dict[str, Any], login: str) -> Person:
        """An account by what the hub says of itself."""
        return cls(login, hub["url"], hub["api_url"], hub["repository"], hub["users"][login]["token"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - JSON
        """Read from a repository, all pages of a list."""
        url, found = f"{self.api}/repos/{path}", []
        while True:
            answer = requests.get(url, headers=self._headers, timeout=30)
            answer.raise_for_status()
            value = answer.json()
            if not isinstance(value, list):
                return value
            found += value
            if "next" not in answer.links:
                return found
            url = answer.links["next"]["url"]

    def post(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Write to the main repository."""
        url = f"{self.api}/repos/{self.repository}/{path}"
        answer = requests.post(url, json=body, headers=self._headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def push_file(self, path: str, text: str, message: str) -> None:
        """Commit a file to the main repository's default branch; the token travels in the environment."""
        credentials = base64.b64encode(f"{self.login}:{self.token}".encode()).decode()
        environment = {
            **clone.environment(),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "http.extraHeader",
            "GIT_CONFIG_VALUE_0": f"Authorization: Basic {credentials}",
        }
        who = ("-c", f"user.name={self.login}", "-c", f"user.email={self.login}@localhost")
        with tempfile.TemporaryDirectory() as folder:
            checkout = Path(folder) / "checkout"

            def git(*words: str) -> None:
                command = ["git", *who, *words]
                subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)

            git("clone", "--quiet", f"{self.url}/{self.repository}.git", str(checkout))
            (checkout / path).parent.mkdir(parents=True, exist_ok=True)
            (checkout / path).write_text(text, encoding="utf-8")
            git("-C", str(checkout), "add", "--", path)
            git("-C", str(checkout), "commit", "--quiet", "--message", message)
            git("-C", str(checkout), "push", "--quiet", "origin", "HEAD")

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/vnd.github+json"}
