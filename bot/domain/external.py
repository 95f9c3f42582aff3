"""The configuration of workers on machines of their own: how often they are heard of, and what follows."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Frozen


class External(Frozen):
    """Processes of ``orchestrator worker``."""

    beat_seconds: float = Field(
        default=120,
        ge=5,
        le=86_400,
        allow_inf_nan=False,
        description="how often a process says that it lives, at most",
    )
    pushes_per_minute: float = Field(
        default=6,
        gt=0,
        le=600,
        allow_inf_nan=False,
        description="the most pushes a minute that the beats of all processes together may cost: with many "
        "processes each beats less often (GitHub takes 6 pushes a minute to a repository)",
    )
    processes: int = Field(
        default=20, ge=1, le=10_000, description="more live processes than this are an alert"
    )
    restart_workflow: str = Field(
        default="",
        pattern=r"^([\w.-]+\.ya?ml)?$",
        description="workflow file that starts a silent process again, dispatched with the input `worker`, "
        "the process's id; name its runs after that, `run-name: start ${{ inputs.worker }}`. Empty: nobody "
        "can be started from here, so silence is an alert at once",
    )
    restart_minutes: float = Field(
        default=5,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="a process that its restart has not brought back by then is an alert",
    )
    restart_tries: int = Field(default=3, ge=1, le=20, description="how often one restart is dispatched")
    forget_days: float = Field(
        default=7,
        gt=0,
        le=3_650,
        allow_inf_nan=False,
        description="a process that has left is kept on record for so long after it was last heard of",
    )
