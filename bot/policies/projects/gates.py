"""Gates: a project that may not enter its next stage yet, the question in its thread, and the answer."""

from __future__ import annotations

from bot.domain.approvals import Approval, Gate
from bot.domain.draft import Draft
from bot.domain.effects import AwaitsApproval
from bot.domain.gates import waits_for_person
from bot.domain.models import Project
from bot.domain.vocabulary import Stage


def may_enter(draft: Draft, project: Project, stage: Stage) -> bool:
    """Whether a project may enter a stage now; where it may not, its thread is asked, once."""
    if not waits_for_person(draft.config, project, stage):
        return True
    if project.gate is None or project.gate.stage is not stage:
        draft.put(project.model_copy(update={"gate": Gate(stage=stage, since=draft.now)}))
        draft.note("waits", project=project.id, detail=stage.value)
        cause = f"gate-{project.id}-{stage}-{int(draft.now.timestamp())}"
        draft.notices.append((cause, AwaitsApproval(project=project.id)))
    return False


def settle_idea(draft: Draft, project: Project) -> None:
    """What held a project's idea back may be gone: approved, or no longer asked for."""
    gate = project.gate
    if gate is not None and gate.stage is Stage.GENESIS and may_enter(draft, project, Stage.GENESIS):
        draft.put(project.model_copy(update={"gate": None}))


def approve(draft: Draft, project: Project, stage: Stage, by: str, role: str) -> None:
    """A person lets a project enter a stage: from now on nothing asks for that again."""
    given = Approval(stage=stage, at=draft.now, by=by, role=role)
    closed = None if project.gate is not None and project.gate.stage is stage else project.gate
    draft.put(project.model_copy(update={"gate": closed, "approvals": (*project.approvals, given)}))
    draft.note("approved", project=project.id, by=by, detail=stage.value)
