"""Whether the workflows run: Actions, the files, what they are pinned to, the monitor and its schedule."""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from bot.domain.watch import Mode
from bot.setup.action import Action
from bot.setup.examination import Examination
from bot.setup.findings import Found
from bot.setup.plan import MODE
from bot.setup.workflow_files import EXTRAS, FOLDER, WORKFLOWS, Made, read, source, thin

_SILENT = {
    Mode.LOOP: timedelta(minutes=15),
    Mode.CRON: timedelta(hours=6),
    Mode.EVENTS: timedelta(hours=8),
}
"""How long after its last run a monitor is taken for dead; GitHub delays schedules by hours."""
_UNDER_WAY = ("queued", "in_progress", "waiting", "pending", "requested")
_MONITOR = f"{FOLDER}/monitor.yml"


def actions(examination: Examination) -> Found:
    """Whether Actions may run here, and the action with them."""
    name, admin = examination.name, examination.admin
    mend = f"gh api -X PUT repos/{name}/actions/permissions -F enabled=true -f allowed_actions=all"
    found = admin.ask("look at Actions' settings", "actions.get_github_actions_permissions_repository").json
    if not found["enabled"]:
        return Found("Actions are switched off", mend)
    allowed = found.get("allowed_actions", "all")
    if allowed == "all":
        return Found("Actions are on, all actions are allowed")
    if allowed == "local_only":
        return Found("only actions of the same owner are allowed, but GitHub's own are used", mend)
    kept = admin.ask("look at the allowed actions", "actions.get_allowed_actions_repository").json
    missing = [] if kept.get("github_owned_allowed") else ["GitHub's own actions"]
    patterns = [pattern.partition("@")[0] for pattern in kept.get("patterns_allowed") or []]
    missing += [
        action
        for action in sorted(_used(examination))
        if action.partition("/")[0].lower() != examination.about.full_name.partition("/")[0].lower()
        and not any(fnmatchcase(action, pattern) for pattern in patterns)
    ]
    if missing:
        return Found(f"not allowed: {', '.join(missing)}", mend)
    return Found("selected actions are allowed, these among them")


def _used(examination: Examination) -> set[str]:
    return {made.action for made in _made(examination).values() if made is not None}


def workflow_files(examination: Examination) -> Found:
    """The files on the default branch, each switched on."""
    name, branch = examination.name, examination.about.default_branch
    absent = [file for file in WORKFLOWS if examination.files[f"{FOLDER}/{file}"] is None]
    if absent:
        waiting = examination.proposal
        mend = f"merge {waiting.url}" if waiting else f"orchestrator init {name}"
        return Found(f"not on {branch}: {', '.join(absent)}", mend)
    states = {file: _state(examination, file) for file in WORKFLOWS}
    off = [file for file, state in states.items() if state != "active"]
    if off:
        told = ", ".join(f"{file} is {states[file]}" for file in off)
        return Found(told, " && ".join(f"gh workflow enable {file} --repo {name}" for file in off))
    return Found(f"{len(WORKFLOWS)} files on {branch}, all active")


def _state(examination: Examination, file: str) -> str:
    row = examination.workflows.get(f"{FOLDER}/{file}")
    return str(row["state"]) if row else "not known to GitHub yet"


def drift(examination: Examination) -> Found:
    """The files against those of this program's version, and against each other."""
    name = examination.name
    mend = f"orchestrator upgrade {name}"
    made = {file: one for file, one in _made(examination).items() if one is not None}
    own = [file for file in WORKFLOWS if "uses: ./\n" in (examination.files[f"{FOLDER}/{file}"] or "")]
    if own:
        return Found(f"{', '.join(own)}: a copy of orchestrator, which runs its own action")
    if not made.keys() >= set(WORKFLOWS):
        foreign = ", ".join(file for file in WORKFLOWS if file not in made)
        return Found(f"absent, or not made by orchestrator: {foreign}", f"orchestrator init {name}")
    pins = sorted({f"{one.action}@{pin}" for one in made.values() for pin in one.pins})
    if len(pins) > 1:
        return Found(f"they use different versions of the action: {', '.join(pins)}", mend)
    old = [file for file, one in made.items() if not one.says(_current(file, one)) and not one.is_edited]
    if old:
        versions = ", ".join(sorted({made[file].version for file in old}))
        return Found(f"made by version {versions}: {', '.join(old)}", mend)
    edited = [file for file, one in made.items() if one.is_edited]
    told = f"; edited by hand: {', '.join(edited)}" if edited else ""
    return Found(f"as this version makes them, with {pins[0] if pins else 'no action'}{told}")


def _current(file: str, made: Made) -> Made:
    """The same file as this version makes it."""
    current = read(thin(source(f"{FOLDER}/{file}"), Action(made.action, "0" * 40)))
    return current or made


def _made(examination: Examination) -> dict[str, Made | None]:
    return {file: read(examination.files[f"{FOLDER}/{file}"]) for file in (*WORKFLOWS, *EXTRAS)}


def monitor_mode(examination: Examination) -> Found:
    """The variable that says how the monitor runs."""
    value = examination.variables.get(MODE)
    if value is None:
        return Found(f"{MODE} is not set: cron")
    if value not in set(Mode):
        mend = f"gh variable set {MODE} --repo {examination.name} --body cron"
        return Found(f"{MODE} is {value!r}, which is none of {', '.join(Mode)}: it counts as cron", mend)
    return Found(value)


def schedule(examination: Examination) -> Found:
    """When the monitor last ran, and how that ended."""
    name = examination.name
    start = f"gh workflow run monitor.yml --repo {name}"
    row = examination.workflows.get(_MONITOR)
    if row is None:
        return Found("there is no monitor.yml on the default branch", f"orchestrator init {name}")
    if row["state"] == "disabled_inactivity":
        return Found(
            "GitHub has switched the schedule off after 60 days without activity",
            f"gh workflow enable monitor.yml --repo {name}",
        )
    runs = examination.admin.ask(
        "look at the monitor's runs", "actions.list_workflow_runs", workflow_id="monitor.yml", per_page=20
    ).json["workflow_runs"]
    ended = [run for run in runs if run["status"] == "completed" and run["conclusion"] != "cancelled"]
    if any(run["status"] in _UNDER_WAY for run in runs):
        return Found("a run is under way")
    if not ended:
        return Found("it has never run; a new repository's first schedule may take two hours", start)
    if ended[0]["conclusion"] not in ("success", "skipped"):
        told = f"its last run ended with {ended[0]['conclusion']}: {ended[0]['html_url']}"
        return Found(told, f"gh run view {ended[0]['id']} --repo {name} --log-failed")
    return _age(examination, ended[0], start)


def _age(examination: Examination, run: Any, start: str) -> Found:  # noqa: ANN401 - GitHub's JSON
    ended = datetime.fromisoformat(run["updated_at"])
    age = examination.now - ended
    minutes = f"{max(age.total_seconds(), 0) / 60:,.0f} minutes ago"
    if age > _SILENT[_mode(examination)]:
        return Found(f"its last run ended {minutes}, and GitHub has started none since", start)
    return Found(f"its last run ended {minutes}, with {run['conclusion']}")


def _mode(examination: Examination) -> Mode:
    value = examination.variables.get(MODE)
    return Mode(value) if value in set(Mode) else Mode.CRON
