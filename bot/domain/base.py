"""What every model shares: frozen, strict about unknown keys, and UTC times to the second."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer

SCHEMA = 1
"""The version of the state's files that this program writes (``"schema"`` in each of them)."""


def to_utc_second(value: datetime) -> datetime:
    """Normalise to UTC without fractions of a second: what GitHub's own API shows."""
    if value.tzinfo is None:
        raise ValueError("a time needs a time zone, for example 2026-11-23T07:21:42Z")
    try:
        return value.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise ValueError("the time lies beyond the calendar in UTC") from None


def stamp(value: datetime) -> str:
    """A time as the state writes it: ``2026-11-23T07:21:42Z``."""
    return value.isoformat()[:19] + "Z"  # half the time of strftime, which large states feel


Time = Annotated[datetime, AfterValidator(to_utc_second), PlainSerializer(stamp, return_type=str)]
"""A moment in UTC, whole seconds, written as ``2026-11-23T07:21:42Z``."""


class Frozen(BaseModel):
    """A value: cannot be changed in place, and refuses keys that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _file_key(name: str) -> str:
    """``schema`` in the file; another name in Python, because pydantic has a method of that name."""
    return "schema" if name == "schema_version" else name


class Document(Frozen):
    """A value that is a file of the state; carries the version of its schema."""

    sparse: ClassVar[bool] = False
    """Whether its file leaves out what is as by default: where there is much of that."""

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA)] = SCHEMA

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=_file_key,
        populate_by_name=True,
        serialize_by_alias=True,
    )
