"""Routes about workflows and their runs."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from bot.hub.data.records import to_text
from bot.hub.data.refusals import Invalid
from bot.hub.data.runs import RunQuery
from bot.hub.rest.call import Answer, Call

_COMPARED = re.compile(r"^(>=|<=|>|<)?(.+)$")


def dispatch(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches``.

    204; 200 with the run's id and addresses where the body has ``return_run_details`` true.
    """
    repository, given = call.repository(), call.fields()
    file = call.world.runs.workflow_file(repository, call.path["workflow"])
    run = call.world.runs.dispatch(repository, call.actor, file, given.get("ref"), given.get("inputs"))
    if given.get("return_run_details") is not True:
        return Answer(status=204)
    shown = call.world.show.run(run, repository)
    return Answer({"workflow_run_id": run.id, "run_url": shown["url"], "html_url": shown["html_url"]})


def workflow(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/workflows/{workflow}``."""
    repository = call.repository()
    file = call.world.runs.workflow_file(repository, call.path["workflow"])
    return Answer(call.world.show.workflow(file, repository))


def runs(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/runs``, and the same of one workflow."""
    repository, query = call.repository(), _query(call)
    total = call.world.runs.count(repository, query)
    found = call.world.runs.search(repository, query, call.part())
    shown = [call.world.show.run(run, repository) for run in found]
    return Answer({"total_count": total, "workflow_runs": shown}, total=total)


def run(call: Call) -> Answer:
    """``GET /repos/{owner}/{repo}/actions/runs/{run}``."""
    repository = call.repository()
    return Answer(call.world.show.run(call.world.runs.find(repository, call.path["run"]), repository))


def cancel(call: Call) -> Answer:
    """``POST /repos/{owner}/{repo}/actions/runs/{run}/cancel``."""
    call.world.runs.cancel(call.repository(), call.actor, call.path["run"])
    return Answer({}, 202)


def _query(call: Call) -> RunQuery:
    earliest, latest = created_range(call.query.get("created", ""))
    file = ""
    if "workflow" in call.path:
        file = call.world.runs.workflow_file(call.repository(), call.path["workflow"])
    return RunQuery(
        workflow=file,
        status=call.query.get("status", ""),
        event=call.query.get("event", ""),
        actor=call.query.get("actor", ""),
        branch=call.query.get("branch", ""),
        created_from=earliest,
        created_to=latest,
    )


def created_range(text: str) -> tuple[str, str]:
    """GitHub's search syntax for times: ``>=T``, ``<T``, ``T..T``, ``T``; a day stands for all of it.

    Returns the earliest and the latest time as they are stored, empty where there is no bound.
    Raises Invalid.
    """
    if not text:
        return "", ""
    if ".." in text:
        first, _, last = text.partition("..")
        return ("" if first == "*" else _bounds(first)[0]), ("" if last == "*" else _bounds(last)[1])
    match = _COMPARED.match(text)
    sign, value = match.groups() if match else ("", "")
    first, last = _bounds(value)
    match sign:
        case ">=":
            return first, ""
        case ">":
            return _shifted(last, 1), ""
        case "<=":
            return "", last
        case "<":
            return "", _shifted(first, -1)
        case _:
            return first, last


def _bounds(text: str) -> tuple[str, str]:
    text = text.strip()
    try:
        time = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise Invalid(f"created is not a time in ISO 8601: {text}") from error
    if len(text) == 10:
        return f"{text}T00:00:00Z", f"{text}T23:59:59Z"
    stored = to_text(time) if time.tzinfo else time.strftime("%Y-%m-%dT%H:%M:%SZ")
    return stored, stored


def _shifted(stored: str, seconds: int) -> str:
    return to_text(datetime.fromisoformat(stored) + timedelta(seconds=seconds))
