"""The ways to the projects' repositories and deployments."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.app.publishing.publication import Outside
    from bot.bootstrap.session import Session
    from bot.ports.projects import Publisher


def publisher(current: Session) -> Publisher:
    """Reaches the projects' repositories: with ORCHESTRATOR_GENESIS_TOKEN, as a GitHub App, or as the run."""
    from bot.adapters.publisher import GitPublisher

    if current.publisher is None:
        given = current.environ.get("ORCHESTRATOR_GENESIS_TOKEN") or _app_tokens(current)
        token, api_url = given or current.context.token, current.context.api_url
        current.publisher = GitPublisher(token, api_url, meter=current.meter)
    return current.publisher


def _app_tokens(current: Session) -> Callable[[str], str] | None:
    app_id = current.environ.get("ORCHESTRATOR_APP_ID", "").strip()
    key = current.environ.get("ORCHESTRATOR_APP_PRIVATE_KEY", "").strip()
    if not app_id and not key:
        return None
    from bot.adapters.app_token import AppTokens

    return AppTokens(app_id, key, current.context.api_url, current.monotonic)


def outside(current: Session) -> Outside:
    """The ways to the projects' repositories and deployments.

    A workflow's own token cannot make repositories, and another in its place is not known to.
    """
    from bot.adapters.health import ask
    from bot.app.publishing.publication import Outside

    makes = any(current.environ.get(name) for name in ("ORCHESTRATOR_GENESIS_TOKEN", "ORCHESTRATOR_APP_ID"))
    return Outside(publisher(current), current.context.repository, makes, ask, current.sleep)
