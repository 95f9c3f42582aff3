"""``Publisher`` over GitHub and git: the projects' repositories, through the token that may create them."""

from __future__ import annotations

from pathlib import Path

from bot.adapters.git_bundle import push_bundle
from bot.adapters.github import GitHub
from bot.ports import Forge


class GitPublisher:
    """Implements ``bot.ports.Publisher``."""

    def __init__(self, token: str, api_url: str) -> None:
        """``token`` may create repositories under the owner: an App's, or a person's."""
        self._token, self._api_url = token, api_url

    def forge(self, full_name: str) -> Forge:
        """That repository."""
        return GitHub(full_name, self._token, self._api_url)

    def push(self, bundle: Path, clone_url: str, branch: str) -> str:
        """Push a bundle's branch where the repository has none yet."""
        return push_bundle(bundle, clone_url, self._token, branch)
