"""GitHub Actions around this process: the environment and event that started it, outputs and summary.

Reads the environment once. Knows nothing of what the program does with the event, and imports nothing that
takes time: the state's fetch begins as soon as this is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.domain.errors import UsageError

MAX_PAYLOAD = 25 * 1024 * 1024
"""Bytes of the largest event payload that GitHub sends (25 MB)."""

MAX_SUMMARY = 1024 * 1024
"""Bytes of the largest step summary that GitHub shows (1 MiB)."""

_CUT = "\n\n… the rest is left out: a step summary holds 1 MiB.\n"


@dataclass(frozen=True, slots=True)
class ActionsContext:
    """What GitHub Actions told this run about itself."""

    event_name: str
    """For example ``issue_comment`` or ``schedule``."""
    payload: Mapping[str, Any] = field(repr=False)
    repository: str
    """``owner/name``."""
    api_url: str
    graphql_url: str
    server_url: str
    token: str = field(repr=False)
    run_id: int
    run_attempt: int
    output: Path | None = None
    """The file that takes the step's outputs; None outside Actions."""
    step_summary: Path | None = None
    """The file that takes the step's summary; None outside Actions."""
    actor: str = ""
    """The login that started the run."""
    in_actions: bool = False
    """Whether this is a run of a workflow."""
    workflow_file: str = ""
    """The file of the run's workflow, where it is one of this repository; its name alone."""

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> ActionsContext:
        """Read the standard variables and the event's file.

        Raises UsageError naming the variable that is missing or wrong, and what it should hold.
        """
        api_url = _address(environ, "GITHUB_API_URL", "https://api.github.com")
        return cls(
            event_name=_required(environ, "GITHUB_EVENT_NAME", "the event's name, such as issue_comment"),
            payload=_payload(_required(environ, "GITHUB_EVENT_PATH", "the path of the event's JSON file")),
            repository=_repository(environ),
            api_url=api_url,
            graphql_url=_address(environ, "GITHUB_GRAPHQL_URL", api_url.removesuffix("/v3") + "/graphql"),
            server_url=_address(environ, "GITHUB_SERVER_URL", "https://github.com"),
            token=_token(environ),
            run_id=_number(environ, "GITHUB_RUN_ID", "the run's id"),
            run_attempt=_number(environ, "GITHUB_RUN_ATTEMPT", "the run's attempt, from 1", "1"),
            output=_file(environ, "GITHUB_OUTPUT"),
            step_summary=_file(environ, "GITHUB_STEP_SUMMARY"),
            actor=environ.get("GITHUB_ACTOR", ""),
            in_actions=environ.get("GITHUB_ACTIONS") == "true",
            workflow_file=_workflow_file(environ),
        )

    @property
    def created_comment(self) -> str:
        """The text of a comment that was just created; empty for any other event."""
        comment = self.payload.get("comment")
        body = comment.get("body") if isinstance(comment, Mapping) else None
        return body if isinstance(body, str) and self.payload.get("action") == "created" else ""

    @property
    def default_branch(self) -> str:
        """The repository's default branch, from the payload; empty where that does not say."""
        repository = self.payload.get("repository")
        branch = repository.get("default_branch") if isinstance(repository, Mapping) else None
        return branch if isinstance(branch, str) else ""


def set_output(context: ActionsContext, name: str, value: str) -> None:
    """Set an output of this step; does nothing outside Actions.

    The delimiter is derived from the value, so no value can contain it: nothing in a value can end it
    early or set another output. Raises UsageError for an unusable name or an unwritable file.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        raise UsageError(f"{name!r} cannot name an output: expected letters, digits, '-' and '_'.")
    delimiter = f"end_{sha256(value.encode('utf-8', 'replace')).hexdigest()}"
    _append(context.output, f"{name}<<{delimiter}\n{value}\n{delimiter}\n".encode("utf-8", "replace"))


def append_summary(context: ActionsContext, text: str) -> None:
    """Add Markdown to this step's summary, cut at 1 MiB in all; does nothing outside Actions.

    Raises UsageError for an unwritable file.
    """
    path = context.step_summary
    room = MAX_SUMMARY - _size(path)
    content = (text.rstrip("\n") + "\n").encode("utf-8", "replace")
    notice = _CUT.encode()
    if len(content) > room:
        kept = content[: max(room - len(notice), 0)].decode("utf-8", "ignore").encode()
        content = kept + notice if room >= len(notice) else b""
    _append(path, content)


def _size(path: Path | None) -> int:
    try:
        return path.stat().st_size if path is not None else 0
    except OSError:  # not there yet, or unreadable, of which writing complains
        return 0


def _append(path: Path | None, content: bytes) -> None:
    if path is None or not content:
        return
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written ({error.strerror}): GITHUB_OUTPUT and GITHUB_STEP_SUMMARY name "
            "files that this run may append to. Unset them to go without."
        ) from None


def _required(environ: Mapping[str, str], name: str, holds: str) -> str:
    value = environ.get(name, "")
    if not value:
        raise UsageError(f"{name} is not set: it should hold {holds}. GitHub Actions sets it for each step.")
    return value


def _number(environ: Mapping[str, str], name: str, holds: str, default: str = "") -> int:
    value = environ.get(name, "") or default or _required(environ, name, holds)
    if not re.fullmatch(r"[0-9]{1,18}", value) or int(value) < 1:
        raise UsageError(f"{name} is {value!r}: it should hold {holds}, a whole number.")
    return int(value)


def _address(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name, "") or default
    if not re.fullmatch(r"https?://[^\s@/?#]+[^\s@?#]*", value):
        raise UsageError(f"{name} is no address: it should hold one like {default}.")
    return value.rstrip("/")


def _repository(environ: Mapping[str, str]) -> str:
    value = _required(environ, "GITHUB_REPOSITORY", "the repository as owner/name")
    if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", value):
        raise UsageError(f"GITHUB_REPOSITORY is {value!r}: it should hold owner/name, such as acme/site.")
    return value


def _workflow_file(environ: Mapping[str, str]) -> str:
    """``acme/site/.github/workflows/monitor.yml@refs/heads/main`` → ``monitor.yml``."""
    home = re.escape(environ.get("GITHUB_REPOSITORY", "")) + r"/\.github/workflows/"
    found = re.match(rf"{home}([\w.-]+\.ya?ml)@", environ.get("GITHUB_WORKFLOW_REF", ""))
    return found[1] if found else ""


def _token(environ: Mapping[str, str]) -> str:
    value = environ.get("GITHUB_TOKEN", "")
    if not value:
        raise UsageError(
            "GITHUB_TOKEN is not set: it should hold the token to act with. Pass it to the step, for "
            "example `env: { GITHUB_TOKEN: ${{ github.token }} }`."
        )
    if not re.fullmatch(r"[!-~]+", value):
        raise UsageError(
            "GITHUB_TOKEN has a space, a line break or a letter that no token has: it should hold the "
            "token alone. Check the secret that it comes from."
        )
    return value


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    value = environ.get(name, "")
    return Path(value) if value else None


def _payload(path: str) -> Mapping[str, Any]:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_PAYLOAD + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"GITHUB_EVENT_PATH names {path!r}, which cannot be read ({reason}): it should name the "
            "event's JSON file."
        ) from None
    if len(raw) > MAX_PAYLOAD:
        raise UsageError(
            f"GITHUB_EVENT_PATH names {path!r}, which has more than 25 MB: GitHub sends no payload of "
            "that size. Point it at the event's JSON file."
        )
    try:
        payload = json.loads(raw)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UsageError(f"GITHUB_EVENT_PATH names {path!r}, which is not valid JSON: {reason}.") from None
    if not isinstance(payload, dict):
        raise UsageError(f"GITHUB_EVENT_PATH names {path!r}: it should hold a JSON object.")
    return payload
