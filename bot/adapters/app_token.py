"""Tokens of a GitHub App's installations: each lives for an hour, and is made anew before it ends."""

from __future__ import annotations

import time
from collections.abc import Callable

from github import Auth, GithubException, GithubIntegration
from jwt import PyJWTError

from bot.domain.errors import Unavailable, UsageError

_LASTS = 50 * 60.0
"""Seconds that a token is used for, of the hour that GitHub gives it (docs: "installation access token")."""


class AppTokens:
    """Owner → a token of the App's installation there."""

    def __init__(
        self,
        app_id: str,
        private_key: str,
        api_url: str = "https://api.github.com",
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects to nothing yet. Raises UsageError for an id or a key that cannot be one."""
        if not app_id.isdigit() or "PRIVATE KEY" not in private_key:
            raise UsageError(
                "ORCHESTRATOR_APP_ID has to be the number of a GitHub App, and "
                "ORCHESTRATOR_APP_PRIVATE_KEY its private key as GitHub gave it, from BEGIN to END"
            )
        self._app_id, self._key, self._api_url = app_id, private_key, api_url
        self._monotonic = monotonic
        self._known: dict[str, tuple[str, float]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._app_id!r})"

    def __call__(self, owner: str) -> str:
        """A token for what an organisation or a person owns (2 to 3 requests, once in 50 minutes).

        Raises UsageError where the App is not installed there or the key is not its own, Unavailable.
        """
        token, until = self._known.get(owner, ("", 0.0))
        if not token or self._monotonic() >= until:
            token = self._made(owner)
            self._known[owner] = (token, self._monotonic() + _LASTS)
        return token

    def _made(self, owner: str) -> str:
        try:
            # The key is read when the first request is signed; one that is damaged shows only then.
            auth = Auth.AppAuth(self._app_id, self._key)
            app = GithubIntegration(auth=auth, base_url=self._api_url, seconds_between_writes=None, retry=2)
            return app.get_access_token(_installation(app, owner)).token
        except GithubException as error:
            raise self._refused(owner, error.status) from None
        except OSError as error:
            raise Unavailable(f"{self._none}: {type(error).__name__}") from None
        except (ValueError, PyJWTError):
            raise UsageError("ORCHESTRATOR_APP_PRIVATE_KEY cannot be read as a private key") from None

    def _refused(self, owner: str, status: int) -> Unavailable | UsageError:
        if status == 404:
            return UsageError(
                f"the GitHub App {self._app_id} is not installed at {owner}: install it there, "
                "for all repositories"
            )
        if status >= 500:
            return Unavailable(f"{self._none} ({status})")
        return UsageError(
            f"{self._none} ({status}): check that ORCHESTRATOR_APP_ID and ORCHESTRATOR_APP_PRIVATE_KEY "
            "belong together"
        )

    @property
    def _none(self) -> str:
        return f"GitHub gave no token for the App {self._app_id}"


def _installation(app: GithubIntegration, owner: str) -> int:
    """The App's installation at an organisation, else at a person of that name."""
    try:
        return app.get_org_installation(owner).id
    except GithubException as error:
        if error.status != 404:
            raise
    return app.get_user_installation(owner).id
