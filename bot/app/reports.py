"""What a workspace says of how the work went, as an event; nothing in it is believed before it validates."""

from __future__ import annotations

import logging
from typing import Any

from pydantic import ValidationError

from bot.app.process import App
from bot.app.workspace import Claimant, Workspace, read_order
from bot.domain.base import Frozen
from bot.domain.events.worked import MOST_DOLLARS, MOST_TOKENS, MOST_TURNS, WorkReported
from bot.domain.failures import FailureKind
from bot.domain.masking import masked
from bot.domain.models import TAIL
from bot.domain.outputs import ContentOutput, Deployment, FeatureProgress, GenesisOutput
from bot.domain.plans import plan_problems
from bot.domain.work import WorkOrder

log = logging.getLogger("orchestrator")
_MOST_PIECES = 100
"""Pieces of content of one task."""
_TOO_MANY = f"its content-output.json does not validate: it names more than {_MOST_PIECES} pieces"
_MOST_OF = {"spend": MOST_DOLLARS, "turns": MOST_TURNS, "tokens": MOST_TOKENS}
"""Figures of one attempt → the most that makes sense."""


def reported(who: Claimant, workspace: Workspace, app: App) -> WorkReported:
    """What the workspace says, as an event; nothing in it is believed before it validates."""
    done, checked = workspace.read("run.json"), workspace.read("checked.json")
    output, problem = _output(workspace)
    ok = done.get("ok") is True and checked.get("ok") is True and not problem
    common: dict[str, Any] = {
        "task": who.task,
        "lease": who.lease,
        "run_id": who.run_id,
        "run_attempt": who.run_attempt,
        "at": app.now(),
        "run_url": who.run_url,
    }
    common |= _figures(done, who)
    if ok:
        return WorkReported(**common, ok=True, **output)
    failed = _failed_command(workspace)
    return WorkReported(
        **common,
        ok=False,
        summary=masked(_whole(_why(done, checked, problem)))[:2_000],
        command=masked(_whole(str(failed.get("command", ""))))[:500],
        exit_code=_integer(failed.get("exit_code")),
        output=masked(_whole(str(failed.get("tail") or workspace.text("log.txt"))))[-TAIL:],
        retry=done.get("retry") is not False,
        rework=done.get("ok") is True or done.get("rework") is True,
        failure=_kind(done, checked),
    )


def _kind(done: dict[str, Any], checked: dict[str, Any]) -> FailureKind | None:
    """The kind of failure that the first phase which failed tells; what handing on failed of is invalid."""
    failed = next((phase for phase in (done, checked) if phase.get("ok") is not True), None)
    if failed is None:
        return FailureKind.INVALID
    told = failed.get("failure")
    return FailureKind(told) if told in tuple(FailureKind) else None


def _whole(text: str) -> str:
    """Without halves of characters, which JSON can spell and no file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _figures(done: dict[str, Any], who: Claimant) -> dict[str, Any]:
    """What the work cost and used, as far as the worker's file makes sense.

    An executor writes 0 for what it does not know.
    """
    found: dict[str, Any] = {}
    for name, most in _MOST_OF.items():
        value = done.get(name)
        if value is None or value == 0:
            continue
        whole = isinstance(value, int) or (name == "spend" and isinstance(value, float))
        if whole and not isinstance(value, bool) and 0 < value <= most:
            found[name] = value
        else:
            log.warning("%s: %s is said to be %.60r, which is no such figure", who.assignment, name, value)
    return found


_OUTPUTS: dict[str, tuple[str, type[Frozen]]] = {
    "genesis": ("genesis-output.json", GenesisOutput),
    "feature": ("feature.json", FeatureProgress),
    "deployment": ("deployment.json", Deployment),
    "pieces": ("content-output.json", ContentOutput),
}
"""Field of the report → the file in the result that it is read from, and its model."""


def _expected(order: WorkOrder) -> str | None:
    """The field that a report on this order must have; None where the work is its own proof.

    Empty where there is no such work: the file comes from the worker as well.
    """
    if order.workflow == "development":
        return {"deployment": "deployment", "performance": None}.get(order.specialty, "feature")
    return {"genesis": "genesis", "content": "pieces"}.get(order.workflow, "")


def _output(workspace: Workspace) -> tuple[dict[str, Any], str]:
    """What the worker hands on, by the report's field, and what is wrong with it."""
    if not workspace.order.is_file():
        return {}, "its workspace holds no assignment"
    if (field := _expected(read_order(workspace))) is None:
        return {}, ""
    if not field:
        return {}, "there is no work of this kind: its assignment was changed on the way"
    name, model = _OUTPUTS[field]
    if not (text := workspace.text(name)):
        return {}, f"it left no {name}"
    try:
        value = model.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        return {}, f"its {name} does not validate: key '{key}': {first['msg']}"
    if isinstance(value, ContentOutput):
        return ({"pieces": value.pieces}, "") if len(value.pieces) <= _MOST_PIECES else ({}, _TOO_MANY)
    unworkable = next(plan_problems(value.issues), "") if isinstance(value, GenesisOutput) else ""
    return {field: value}, f"its {name} does not validate: {unworkable}" if unworkable else ""


def _why(done: dict[str, Any], checked: dict[str, Any], problem: str) -> str:
    if not done:
        return "the run ended without a result: it was killed, ran out of time or never started; see its log"
    for phase in (done, checked):
        if phase.get("ok") is not True:
            return str(phase.get("summary") or "the check did not run; see the run's log")
    return problem


def _failed_command(workspace: Workspace) -> dict[str, Any]:
    commands = workspace.read("check.json").get("commands")
    rows = [row for row in commands if isinstance(row, dict)] if isinstance(commands, list) else []
    return next((row for row in rows if row.get("exit_code") != 0), {})


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None
