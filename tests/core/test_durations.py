"""Durations as people type them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.commands.durations import Duration

READ = TypeAdapter(Duration)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("2h", 120),
        ("90m", 90),
        ("1d", 1_440),
        ("1h30m", 90),
        ("1.5h", 90),
        (" 2 Hours ", 120),
        ("45 min", 45),
    ],
)
def test_what_people_type(typed: str, minutes: int) -> None:
    assert READ.validate_python(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "typed", ["", "soon", "2", "1:30", "-2h", "0h", "0", "2x", "h", "9" * 400 + "h", "400d"]
)
def test_what_is_no_duration(typed: str) -> None:
    with pytest.raises(ValidationError, match="a duration of up to a year, for example 2h"):
        READ.validate_python(typed)


@given(st.text(max_size=30))
def test_any_text_is_a_duration_or_refused_in_words(typed: str) -> None:
    try:
        found = READ.validate_python(typed)
    except ValidationError as error:
        refused = error
    else:
        assert timedelta(0) < found <= timedelta(days=366)
        return
    assert refused.errors()[0]["type"] == "duration"
