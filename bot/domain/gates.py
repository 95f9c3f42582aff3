"""Which stages wait for a person, and who may let a project enter one."""

from __future__ import annotations

from bot.domain.config import ROLES, Commands, Config, RoleName
from bot.domain.models import Project
from bot.domain.vocabulary import Stage

APPROVE = "approve"
"""The command that lets a project go on."""
APPROVER: RoleName = "maintain"
"""The least role for it, where the configuration names none: more than for starting work."""


def approver(settings: Commands) -> RoleName:
    """The least role that may approve."""
    return settings.least(APPROVE, settings.working, APPROVER)


def below(role: str, least: RoleName) -> bool:
    """Whether somebody's role is too low; one that GitHub does not know, or nobody looked up, is none."""
    return (ROLES.index(role) if role in ROLES else 0) < ROLES.index(least)


def approved(project: Project, stage: Stage) -> bool:
    """Whether somebody has let it enter the stage already."""
    return any(one.stage is stage for one in project.approvals)


def waits_for_person(config: Config, project: Project, stage: Stage) -> bool:
    """Whether a project may enter a stage only when somebody approves it.

    Genesis waits for the sake of who wrote the idea, the other stages because the configuration says so.
    """
    if approved(project, stage):
        return False
    if stage is Stage.GENESIS:
        return below(project.idea_role, config.texts.role)
    return stage.value in config.approve
