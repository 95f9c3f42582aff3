"""Incident reports, as data."""

from __future__ import annotations

from pydantic import Field

from bot.domain.base import Document, Time
from bot.domain.controls import Happening
from bot.domain.records import Alert


class Incident(Document):
    """``incidents/{id}.json``: what happened in a window, as the state remembers it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")
    at: Time
    by: str
    details: str = Field(default="", max_length=4_000, description="a person's words")
    since: Time = Field(description="where the window begins")
    reaches_back: bool = Field(default=True, description="the journal reaches back to the window's beginning")
    issue: int | None = None
    timeline: tuple[Happening, ...] = ()
    projects: tuple[str, ...] = ()
    workers: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    done: tuple[Happening, ...] = Field(default=(), description="what people did about it")
    open_points: tuple[str, ...] = ()
