"""The context of what a person starts by hand: a worker process, or a look at the state.

What Actions would tell is derived or defaulted: the repository is the one that is named, else that of the
clone in which the program is started. What is missing is told with what to set.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.adapters.actions import ActionsContext
from bot.adapters.clone import told
from bot.domain.errors import UsageError

GITHUB = "https://github.com"
_ADDRESS = r"https?://[^\s@/?#]+[^\s@?#]*"


def by_hand(
    environ: Mapping[str, str],
    repository: str,
    *,
    needs: str,
    directory: Path | None = None,
    option: str = "--repository ",
) -> ActionsContext:
    """The context; ``repository`` is the option, empty where it was not given, or an argument without one.

    ``needs`` names what a token has to be for. Without a token there must be a state remote that needs
    none. ``directory`` is where a clone is looked for; None: nowhere. Raises UsageError.
    """
    server = _address(environ, "GITHUB_SERVER_URL", GITHUB)
    full_name = repository or environ.get("GITHUB_REPOSITORY", "") or _cloned(directory, server)
    if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", full_name):
        named = f"{full_name!r} is no repository" if full_name else "no repository is named"
        raise UsageError(f"{named}: give {option}OWNER/NAME, or set GITHUB_REPOSITORY")
    token = environ.get("GITHUB_TOKEN") or environ.get("GH_TOKEN") or ""
    if not token and not environ.get("ORCHESTRATOR_STATE_REMOTE"):
        raise UsageError(
            f"no token: set GITHUB_TOKEN or GH_TOKEN to one that may {needs}, or ORCHESTRATOR_STATE_REMOTE "
            f"to a git remote that needs none, such as ssh://git@{urlsplit(server).hostname}/{full_name}.git"
        )
    if not re.fullmatch(r"[!-~]*", token):
        raise UsageError("the token has a space, a line break or a letter that no token has; set it alone")
    api = "https://api.github.com" if server == GITHUB else f"{server}/api/v3"
    api_url = _address(environ, "GITHUB_API_URL", api)
    return ActionsContext(
        event_name="none",
        payload={},
        repository=full_name,
        api_url=api_url,
        graphql_url=_address(environ, "GITHUB_GRAPHQL_URL", api_url.removesuffix("/v3") + "/graphql"),
        server_url=server,
        token=token,
        run_id=1,
        run_attempt=1,
    )


def _cloned(directory: Path | None, server: str) -> str:
    """``owner/name`` of the clone that a directory is in, where its origin is on that server; else empty."""
    if directory is None:
        return ""
    origin = told(directory, "config", "--get", "remote.origin.url")
    host = re.escape(urlsplit(server).netloc)
    found = re.search(rf"(?:@|//){host}[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$", origin)
    return found[1] if found else ""


def check_genesis_token(environ: Mapping[str, str], context: ActionsContext) -> None:
    """Genesis makes repositories or branches: without any token its work is never handed over."""
    if not (environ.get("ORCHESTRATOR_GENESIS_TOKEN") or context.token):
        raise UsageError(
            "a genesis worker makes repositories: set ORCHESTRATOR_GENESIS_TOKEN to a token that may, "
            f"under {context.repository.partition('/')[0]}, or GH_TOKEN to one that may write to "
            f"{context.repository}, where projects then get branches"
        )


def workspaces(environ: Mapping[str, str], given: Path | None, repository: str, worker: str) -> Path:
    """The directory for one worker's workspaces: below the one given, else below the user's cache."""
    cache = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    base = (given or Path(cache) / "orchestrator").absolute()
    return base / repository.replace("/", "+") / worker


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, "") or default
    if not re.fullmatch(_ADDRESS, value):
        raise UsageError(f"{name} is no address: it should hold one like {default}.")
    return value.rstrip("/")
