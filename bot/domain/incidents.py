"""Incident reports, as data."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Frozen, Time
from bot.domain.controls import Happening
from bot.domain.history import History
from bot.domain.records import Alert


class Impact(Frozen):
    """What a window has cost."""

    projects: tuple[str, ...] = Field(default=(), description="with something that went badly")
    tasks: tuple[str, ...] = Field(default=(), description="that failed, were sent back or to review")
    attempts: int = Field(default=0, ge=0, description="that failed")
    seconds: int = Field(default=0, ge=0, description="that workers spent on these")


class Incident(Document):
    """``incidents/{id}.json``: what happened in a window, as the state remembers it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    at: Time
    by: str
    details: str = Field(default="", max_length=4_000, description="a person's words")
    about: str = Field(default="", max_length=120, description="the alert or project that it is about")
    since: Time = Field(description="where the window begins")
    reaches_back: bool = Field(default=True, description="the journal reaches back to the window's beginning")
    issue: int | None = None
    timeline: tuple[Happening, ...] = ()
    projects: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    done: tuple[Happening, ...] = Field(default=(), description="what people did about it")
    open_points: tuple[str, ...] = ()
    impact: Impact = Impact()
    factors: tuple[str, ...] = Field(default=(), description="what the figures say of the window")
    actions: tuple[str, ...] = Field(default=(), description="what to type for the open points")
    history: History | None = Field(default=None, description="the branch's commits in the window")
    runs: dict[str, str] = Field(default={}, description="task → the page of the run that failed it last")
