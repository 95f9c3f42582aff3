"""The labels of a project's issue, and what each label means."""

from __future__ import annotations

from bot.domain.config import Config
from bot.domain.effects import ALERT_LABEL
from bot.domain.labels import HELD, OWNED, PRIORITY
from bot.domain.models import Project
from bot.domain.outputs import Priority
from bot.domain.vocabulary import ProjectStatus, Stage

STATUS_LABEL = "orchestrator-status"
"""On the pinned issue, which is found by it."""

_COLOURS = {
    "stage:genesis": "8250df",
    "stage:development": "0969da",
    "stage:content": "bf3989",
    "stage:complete": "1a7f37",
    "status:queued": "6e7781",
    "status:active": "2da44e",
    "status:waiting": "fb8f44",
    "status:review": "bc4c00",
    "status:stopped": "57606a",
    "status:failed": "cf222e",
    "status:complete": "1a7f37",
    "priority:urgent": "cf222e",
    "priority:high": "d4a72c",
    "priority:normal": "54aeff",
    "priority:low": "d0d7de",
    HELD: "9a6700",
}

_MEANINGS = {
    "stage": "orchestrator: where the project is on its way",
    "status": "orchestrator: what is happening with the project",
    "priority": "orchestrator: how soon its work is wanted (yours to set)",
    "held": "orchestrator: queued tasks are held back by /priority-triage",
}


def definitions(config: Config) -> dict[str, tuple[str, str]]:
    """Every label of the bot: name → (colour as rrggbb, description)."""
    asks = {
        config.issues.new_project_label: ("0e8a16", "orchestrator: asks for a project; Genesis begins"),
        STATUS_LABEL: ("0969da", "orchestrator: the issue that shows the whole system"),
        ALERT_LABEL: ("cf222e", "orchestrator: something is wrong; closed by itself when it is over"),
    }
    names = (
        *(f"stage:{stage}" for stage in Stage),
        *(f"status:{status}" for status in ProjectStatus),
        *(f"priority:{priority}" for priority in Priority),
        HELD,
    )
    return asks | {name: (_COLOURS[name], _MEANINGS[name.partition(":")[0]]) for name in names}


def wanted(project: Project) -> frozenset[str]:
    """The labels that a project's issue carries."""
    names = {f"stage:{project.stage}", f"status:{project.status}", f"{PRIORITY}{project.priority}"}
    return frozenset(names | {HELD} if project.held else names)


def difference(project: Project, present: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What to add and what to remove, sorted. Nothing but the bot's own kinds is ever removed."""
    want = wanted(project)
    own = {name for name in present if name.startswith((*OWNED, PRIORITY)) and name in _COLOURS}
    return tuple(sorted(want - present)), tuple(sorted(own - want))
