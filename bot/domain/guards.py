"""The configuration of the guards: when work has become slow, when it fails too often, what it may cost."""

from __future__ import annotations

from pydantic import Field, model_validator

from bot.domain.base import Frozen


class Degradation(Frozen):
    """When a workflow has become slow (section "Performance Degradation Response")."""

    window_minutes: int = Field(
        default=60, ge=1, le=10_080, description="the rolling window whose completion times are judged"
    )
    completions: int = Field(
        default=5, ge=1, le=500, description="successful attempts in the window from which it is judged"
    )
    baseline: int = Field(
        default=10, ge=1, le=500, description="successful attempts before the window that are the baseline"
    )
    factor: float = Field(
        default=1.5,
        gt=1,
        le=100,
        allow_inf_nan=False,
        description="a median above so many times the baseline is an alert; a worker above so many times its "
        "peers comes after them",
    )
    clear: float = Field(
        default=1.25,
        ge=1,
        le=100,
        allow_inf_nan=False,
        description="the alert ends under so many times the baseline",
    )

    @model_validator(mode="after")
    def _clears_below(self) -> Degradation:
        if self.clear > self.factor:
            raise ValueError("clear is above factor")
        return self


class Breaker(Frozen):
    """When failing work is taken out of the way instead of being tried on and on."""

    worker_failures: int | None = Field(
        default=3, ge=1, le=20, description="failures in a row that take a worker out; null: never"
    )
    workflow_failures: int | None = Field(
        default=5,
        ge=2,
        le=100,
        description="tasks failing in a row, none of them succeeding, that pause a workflow; null: never",
    )
    probe_minutes: float = Field(
        default=10,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="then a worker that was taken out is tried with one task; doubled for each failed trial",
    )
    probe_most_minutes: float = Field(
        default=160, gt=0, le=10_080, allow_inf_nan=False, description="the longest that doubling leads to"
    )


class Budgets(Frozen):
    """Hard limits: at one of them nothing new starts, and what runs goes on. ``null`` is no limit."""

    tasks_per_hour: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000,
        description="attempts started in any 60 minutes; one taken back before its run begins is none",
    )
    running: int | None = Field(default=None, ge=1, le=100_000, description="tasks that workers have at once")
    spend_per_task: float | None = Field(
        default=10,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="US dollars for a task's attempts; then it goes to review instead of another one",
    )
    spend_per_project: float | None = Field(
        default=50, gt=0, le=10_000_000, allow_inf_nan=False, description="US dollars for a project"
    )
    spend_per_day: float | None = Field(
        default=100, gt=0, le=10_000_000, allow_inf_nan=False, description="US dollars in a calendar day, UTC"
    )
    most_per_report: float = Field(
        default=20,
        gt=0,
        le=1_000_000,
        allow_inf_nan=False,
        description="US dollars that one report may book, where `executors` sets no `limits.dollars` (else "
        "twice that); what it tells above that is an alert and on no budget",
    )
