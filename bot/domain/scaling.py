"""The configuration of autoscaling: when a workflow gets more or fewer workers, and its peak hours."""

from __future__ import annotations

import re
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from bot.domain.base import Frozen, Time
from bot.domain.vocabulary import Workflow

UTC_ZONE = "UTC"
CLOCK = r"(([01]?[0-9]|2[0-3]):[0-5][0-9]|24:00)"


class Day(StrEnum):
    """Days of the week, in ISO's order."""

    MONDAY = "mon"
    TUESDAY = "tue"
    WEDNESDAY = "wed"
    THURSDAY = "thu"
    FRIDAY = "fri"
    SATURDAY = "sat"
    SUNDAY = "sun"


def _unread(value: object) -> object:
    """YAML 1.1 reads ``9:30`` without quotes as a number in base 60: make a time of it again."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 60:
        return f"{value // 60:02}:{value % 60:02}"
    return value


def _known(value: str) -> str:
    if not re.fullmatch(CLOCK, value):
        raise ValueError(f"expected a time of the day from 00:00 to 24:00, such as 09:30, given {value!r}")
    return value


TimeOfDay = Annotated[
    str,
    BeforeValidator(_unread),
    AfterValidator(_known),
    Field(json_schema_extra={"pattern": f"^{CLOCK}$"}),
]


def minutes(time: str) -> int:
    """Minutes from midnight to a time of the day, as clocks show it."""
    hours, _, rest = time.partition(":")
    return int(hours) * 60 + int(rest)


class Peak(Frozen):
    """Hours for which capacity is provided beforehand (specification: "Preemptively provision capacity")."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    name: str = Field(pattern=r"^[^\x00-\x1f]{1,40}$", description="what reasons call it")
    days: tuple[Day, ...] = Field(
        default=tuple(Day), min_length=1, description="on which it begins: mon, tue, wed, thu, fri, sat, sun"
    )
    begins: TimeOfDay = Field(alias="from", description="local time, for example 09:00")
    ends: TimeOfDay = Field(alias="to", description="local time; earlier than `from`: on the next day")
    zone: str = Field(default=UTC_ZONE, max_length=64, description="IANA time zone, such as Europe/Berlin")
    lead_minutes: int = Field(
        default=15, ge=0, le=1_440, description="how long before its beginning the workers are there"
    )
    minimum: dict[Workflow, int] = Field(
        min_length=1, description="least workers while it lasts, by workflow; at most the workflow's maximum"
    )

    @field_validator("minimum")
    @classmethod
    def _whole(cls, value: dict[Workflow, int]) -> dict[Workflow, int]:
        for workflow, least in value.items():
            if least < 1:
                raise ValueError(f"the minimum of {workflow} is {least}; expected at least 1")
        return value

    @model_validator(mode="after")
    def _lasts(self) -> Peak:
        if minutes(self.begins) == minutes(self.ends):
            raise ValueError("it begins and ends at the same time; a whole day is from 00:00 to 24:00")
        if self.begins == "24:00":
            raise ValueError("it begins at 24:00; write 00:00 and name the day after")
        return self


class Offset(Frozen):
    """From a moment on, how far a time zone's clocks are ahead of UTC."""

    since: Time
    minutes: int = Field(ge=-1_440, le=1_440)


class Scaling(Frozen):
    """When the number of workers changes by itself (section "Auto-Scaling Triggers")."""

    enabled: bool = Field(default=True, description="false: only people change how many workers there are")
    queue_above: int = Field(
        default=10, ge=1, le=100_000, description="up when more tasks than this wait and may start"
    )
    wait_above_minutes: float | None = Field(
        default=30,
        ge=0,
        le=43_200,
        allow_inf_nan=False,
        description="up when the oldest of them has waited for longer; null or 0: never for that",
    )
    utilisation_above: float | None = Field(
        default=0.8,
        ge=0,
        le=1,
        description="up when they were busy for a greater part of the window; null or 0: never for that",
    )
    utilisation_below: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="down when at no moment of the window a greater or equal part of the workers was busy …",
    )
    queue_below: int = Field(default=3, ge=1, le=100_000, description="… and fewer tasks than this wait")
    window_minutes: float = Field(
        default=5,
        gt=0,
        le=1_440,
        allow_inf_nan=False,
        description="the stabilisation window: no two opposite moves of a workflow in it, one down at most",
    )
    drain_minutes: float = Field(
        default=30,
        gt=0,
        le=10_080,
        allow_inf_nan=False,
        description="up by as many workers as it takes to work off what waits in this time",
    )
    peaks: tuple[Peak, ...] = Field(
        default=(),
        max_length=50,
        description="peak hours, each with `name`, `days`, `from`, `to`, `zone`, `lead_minutes` and "
        "`minimum` by workflow: `{genesis: 3}`",
    )
    zones: dict[str, tuple[Offset, ...]] = Field(
        default={},
        description="the peaks' time zones, looked up when the file is read: leave it out",
    )

    @model_validator(mode="after")
    def _comes_to_rest(self) -> Scaling:
        """Half as many workers are twice as busy: they must not be busy enough to be doubled again."""
        above = self.most_used
        if above is not None and self.utilisation_below >= above / 2:
            raise ValueError(
                f"utilisation_below is {self.utilisation_below:g}, at least half of utilisation_above "
                f"({above:g}): going from two workers to one would bring the second back, to and fro; "
                f"expected less than {above / 2:g}"
            )
        return self

    @property
    def window(self) -> timedelta:
        """The stabilisation window."""
        return timedelta(minutes=self.window_minutes)

    @property
    def longest_wait(self) -> float | None:
        """Minutes; None where waiting is no reason."""
        return self.wait_above_minutes or None

    @property
    def most_used(self) -> float | None:
        """A part of 1; None where utilisation is no reason to scale up."""
        return self.utilisation_above or None
