"""Durations as people type them: ``2h``, ``90m``, ``1d``, ``1h30m``."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from pytimeparse2 import parse

LONGEST = timedelta(days=366)
"""Nobody means more, and a moment that long ago can still be written."""


def _duration(typed: object) -> timedelta:
    """Raises PydanticCustomError, worded for the reply, for what is no positive duration with a unit."""
    if isinstance(typed, timedelta):
        return typed
    text = str(typed).strip().lower()
    # Without a unit, 5 and 1:30 would be read as seconds, which hardly anybody means.
    seconds = None if ":" in text or text.isdecimal() else parse(text)
    if not isinstance(seconds, int | float) or not 0 < seconds <= LONGEST.total_seconds():
        raise PydanticCustomError("duration", "a duration of up to a year, for example 2h, 90m, 1d or 1h30m")
    return timedelta(seconds=seconds)


def typed_duration(text: str) -> timedelta | None:
    """What is typed as a duration; None for any other word."""
    if not text[:1].isdigit():
        return None
    try:
        return _duration(text)
    except PydanticCustomError:
        return None


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A positive duration; the type of a command's field."""
