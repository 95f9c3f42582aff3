"""Whether work can be done: the configuration, agents and their keys, runners, the projects' place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.adapters import config_file
from bot.commands.table import TABLE
from bot.domain.errors import ConfigInvalid, UsageError
from bot.domain.profiles import Profile
from bot.domain.vocabulary import Workflow
from bot.executors.catalogue import find, lock_of
from bot.render.setting_up import pulls_command, secret_command, variable_command
from bot.setup import reading
from bot.setup.examination import Examination
from bot.setup.findings import Found, Unseen
from bot.setup.plan import APP_ID, APP_KEY, CONFIG, GENESIS
from bot.setup.workflow_files import FOLDER

_HOSTED = re.compile(r"^(ubuntu|macos)-")
_UNUSABLE = re.compile(r"^windows-")
_KEYLESS = ("template", "scripted")


def configuration(examination: Examination) -> Found:
    """The configuration file."""
    text = examination.files[CONFIG]
    if text is None:
        return Found("there is none: every key has its default")
    try:
        config = config_file.parse(text)
    except ConfigInvalid as error:
        return Found(str(error), f"edit {CONFIG} and push it; until then the last valid one counts")
    if unknown := sorted(set(config.commands.roles) - set(TABLE)):
        what = f"`commands.roles` names what is no command, so it holds nobody back: {', '.join(unknown)}"
        return Found(what, f"edit `commands.roles` in {CONFIG}; /help lists the commands")
    return Found("valid")


def agents(examination: Examination) -> Found:
    """The agents that the configuration names: known, with a key, and handed it by worker.yml."""
    told = []
    for name in _named(examination):
        changes = examination.config.executors.get(name, {})
        try:
            profile = find(name, changes)
        except UsageError as error:
            return Found(str(error), f"edit `executors.{name}` in {CONFIG}")
        if profile is None:
            return Found(f"there is no agent {name!r}", f"edit `pools.*.executor` in {CONFIG}")
        if (wrong := _key(examination, name, profile)) is not None:
            return wrong
        lock = "from its lock" if lock_of(name, changes) else "has to be on the runner"
        told.append(f"{name} {profile.version or '(any version)'}, {lock}")
    return Found("; ".join(told) or "only the built-in templates, which need no key")


def _named(examination: Examination) -> Iterator[str]:
    pools = examination.config.pools
    names = {getattr(pools, workflow.value).executor for workflow in Workflow}
    return iter(sorted(names - set(_KEYLESS)))


def _key(examination: Examination, name: str, profile: Profile) -> Found | None:
    keys = (*profile.keys, *profile.aliases)
    if not keys:
        return None
    held = [key for key in keys if key in examination.secrets]
    if not held:
        mend = secret_command(profile.keys[0] if profile.keys else keys[0], examination.name)
        return Found(f"{name} has no key: none of {', '.join(keys)} is a secret here", mend)
    worker = examination.files[f"{FOLDER}/worker.yml"]
    if worker is not None and not any(f"secrets.{key} " in worker for key in held):
        line = f"{held[0]}: ${{{{ secrets.{held[0]} }}}}"
        return Found(
            f"worker.yml does not hand {held[0]} on to {name}", f"add under `env` of its step Run: {line}"
        )
    return None


def runners(examination: Examination) -> Found:
    """The runners that the configuration and ORCHESTRATOR_RUNNER ask for."""
    wanted = _wanted(examination)
    if wrong := sorted({label for labels in wanted for label in labels if _UNUSABLE.match(label)}):
        return Found(f"{', '.join(wrong)}: the action runs on Linux and macOS", f"edit `runs_on` in {CONFIG}")
    own = sorted(labels for labels in wanted if not (len(labels) == 1 and _HOSTED.match(labels[0])))
    if not own:
        return Found("GitHub's own")
    rows = reading.rows(
        examination.admin,
        "list the runners",
        "actions.list_self_hosted_runners_for_repo",
        "runners",
    )
    for labels in own:
        _look_for(examination, labels, rows)
        having = [row for row in rows if _has(row, labels)]
        if not any(row["status"] == "online" for row in having):
            names = ", ".join(row["name"] for row in having) or "there is none"
            return Found(
                f"no runner with {', '.join(labels)} is online ({names})",
                f"start one: {examination.page}/settings/actions/runners",
            )
    return Found(f"online: {'; '.join(', '.join(labels) for labels in own)}")


def _look_for(examination: Examination, labels: tuple[str, ...], rows: list[Any]) -> None:
    """Raise Unseen where a runner may be one that a repository's list does not show."""
    if any(_has(row, labels) for row in rows):
        return
    if len(labels) == 1 or examination.about.owner_type == "Organization":
        raise Unseen(
            f"no runner of this repository has {', '.join(labels)}; the organisation's runners and scale "
            "sets are not in the list that it may see"
        )


def _has(row: Any, labels: tuple[str, ...]) -> bool:  # noqa: ANN401 - GitHub's JSON
    return {label.lower() for label in labels} <= {one["name"].lower() for one in row["labels"]}


def _wanted(examination: Examination) -> set[tuple[str, ...]]:
    pools = [getattr(examination.config.pools, workflow.value) for workflow in Workflow]
    found = {pool.runs_on for pool in pools} | {one.runs_on for pool in pools for one in pool.roster}
    default = examination.variables.get("ORCHESTRATOR_RUNNER", "")
    return {labels for labels in (*found, (default,) if default else ()) if labels}


def projects(examination: Examination) -> Found:
    """Where projects go, and whether there is what that takes."""
    name, secrets, variables = examination.name, examination.secrets, examination.variables
    if GENESIS in secrets:
        return Found(f"into repositories of their own, with {GENESIS}")
    has_id, has_key = APP_ID in variables, APP_KEY in secrets
    if has_id and has_key:
        return Found(f"into repositories of their own, with the App {variables[APP_ID]}")
    if has_id:
        return Found(f"{APP_ID} is set, its key is not", secret_command(APP_KEY, name))
    if has_key:
        return Found(f"{APP_KEY} is set, {APP_ID} is not", variable_command(APP_ID, "NUMBER", name))
    found = examination.admin.ask(
        "look at the workflows' permissions",
        "actions.get_github_actions_default_workflow_permissions_repository",
    ).json
    if not found["can_approve_pull_request_reviews"]:
        told = "onto branches of this repository, where workflows may not open pull requests"
        return Found(told, pulls_command(name))
    return Found("onto branches of this repository")
