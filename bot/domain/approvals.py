"""What people let go on: stages that projects wait to enter, approvals, allowances."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bot.domain.base import Frozen, Time
from bot.domain.vocabulary import Stage


class Gate(Frozen):
    """A question that is open in a project's thread: may it enter this stage?"""

    stage: Stage
    since: Time


class Approval(Frozen):
    """Somebody let a project enter a stage: it counts once, for that stage of that project."""

    stage: Stage
    at: Time
    by: str
    role: str


class Allowance(Frozen):
    """Somebody let agents cost more than the budget: for a project, one of its tasks, or a day."""

    budget: Literal["task", "project", "day"]
    task: str = Field(default="", description="whose budget it is, where it is a task's")
    dollars: float = Field(gt=0, description="US dollars beyond the budget in the configuration")
    at: Time
    by: str
    role: str
