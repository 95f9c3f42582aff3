"""Peak hours: read from the configuration, kept by the clocks of their zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.config_file import parse
from bot.domain.config import Config
from bot.domain.errors import ConfigInvalid
from bot.domain.vocabulary import Workflow
from bot.policies.fleet.peaks import peak_at

MORNING = (
    "{name: morning, days: [mon, sun], from: 9:00, to: 12:30, zone: Europe/Berlin, minimum: {genesis: 3}}"
)
NIGHT = "{name: night, days: [fri], from: '22:00', to: '02:00', lead_minutes: 0, minimum: {genesis: 2}}"


def peaks(*given: str) -> Config:
    return parse(f"scaling:\n  peaks: [{', '.join(given)}]\n")


def named(config: Config, *when: int) -> str | None:
    found = peak_at(config, Workflow.GENESIS, datetime(*when, tzinfo=UTC))  # type: ignore[misc, arg-type]
    return found.name if found else None


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ((2026, 11, 23, 7, 44), None),
        ((2026, 11, 23, 7, 45), "morning"),  # 9:00 in Berlin is 8:00 UTC in winter; 15 minutes of lead
        ((2026, 11, 23, 11, 29), "morning"),
        ((2026, 11, 23, 11, 30), None),
        ((2026, 11, 24, 9, 0), None),
        ((2026, 6, 22, 6, 45), "morning"),
        ((2026, 6, 22, 10, 30), None),
        ((2026, 3, 29, 6, 45), "morning"),  # the day on which the clocks go forward
        ((2026, 10, 25, 7, 45), "morning"),  # and back
        ((2026, 11, 27, 21, 59), None),
        ((2026, 11, 27, 22, 0), "night"),
        ((2026, 11, 28, 1, 59), "night"),
        ((2026, 11, 28, 2, 0), None),
    ],
)
def test_peaks_hold_by_their_own_clocks(when: tuple[int, ...], expected: str | None) -> None:
    assert named(peaks(MORNING, NIGHT), *when) == expected


def test_of_two_the_one_that_asks_more_counts() -> None:
    more = MORNING.replace("morning", "rush").replace("3}", "4}")
    assert named(peaks(MORNING, more), 2026, 11, 23, 9, 0) == "rush"


@given(
    st.datetimes(datetime(2026, 1, 2), datetime(2037, 12, 1)),
    st.sampled_from(["Europe/Berlin", "Asia/Tokyo"]),
)
@settings(max_examples=25, deadline=None)
def test_an_hour_a_day_comes_once_a_day_in_any_zone(moment: datetime, zone: str) -> None:
    config = peaks(
        f"{{name: x, from: '10:00', to: '11:00', zone: {zone}, lead_minutes: 0, minimum: {{genesis: 1}}}}"
    )
    begin = moment.replace(tzinfo=UTC, minute=0, second=0, microsecond=0)
    hours = [begin + timedelta(hours=number) for number in range(7 * 24)]
    assert sum(peak_at(config, Workflow.GENESIS, one) is not None for one in hours) in (6, 7, 8)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("9:00", "25:00"), "expected a time of the day from 00:00 to 24:00, such as 09:30, given '25:00'"),
        (("12:30", "9:00"), "it begins and ends at the same time; a whole day is from 00:00 to 24:00"),
        (
            ("Europe/Berlin", "Mars/Olympus"),
            "there is no time zone 'Mars/Olympus'; expected a name",
        ),
        (("Europe/Berlin", "../passwd"), "there is no time zone '../passwd'"),
        (("genesis: 3", "genesis: 0"), "the minimum of genesis is 0; expected at least 1"),
        (("mon,", "monday,"), "expected 'mon'"),
    ],
)
def test_what_is_wrong_with_a_peak_is_told_by_key_and_line(change: tuple[str, str], told: str) -> None:
    with pytest.raises(ConfigInvalid) as wrong:
        peaks(MORNING.replace(*change))
    assert told in str(wrong.value)
    assert ".github/orchestrator.yml, line 2: key 'scaling.peaks.0" in str(wrong.value)
