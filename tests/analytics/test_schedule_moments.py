"""When a schedule falls due: over weeks, months, and the days on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.reports.choices import Rhythm
from analytics.reports.moments import Plan

# An hour forward and back, half an hour (Lord Howe), at midnight (Santiago, Havana), a day that never was (Apia).
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "America/Havana",
    "Pacific/Apia",
]
LONGEST_JUMP = timedelta(days=1)

plans = st.builds(
    Plan,
    st.sampled_from(list(Rhythm)),
    st.integers(0, 6),
    st.integers(1, 28),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.sampled_from(ZONES).map(ZoneInfo),
)
moments = st.datetimes(datetime(2011, 11, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


def exists(wall: datetime, zone: ZoneInfo) -> bool:
    return wall.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall


@given(plans, moments)
@settings(max_examples=300, deadline=None)
def test_next_time_is_later_and_of_the_plan(plan, moment):
    due = plan.next_after(moment)

    assert due > moment
    wall = due.astimezone(plan.zone).replace(tzinfo=None)
    if (wall.time(), wall.fold) != (plan.at, 0):
        # Only where the clock was put forward over it, and then it comes as much later.
        meant = min(
            (wall.replace(hour=plan.at.hour, minute=plan.at.minute) - timedelta(days=days) for days in range(3)),
            key=lambda one: exists(one, plan.zone),
        )
        assert not exists(meant, plan.zone)
        assert timedelta(0) < wall - meant <= LONGEST_JUMP
        wall = meant
    assert wall.weekday() == plan.weekday if plan.rhythm == Rhythm.WEEKLY else wall.day == plan.day_of_month


@given(plans, moments)
@settings(max_examples=200, deadline=None)
def test_no_time_is_skipped_and_none_comes_twice(plan, moment):
    first = plan.next_after(moment)
    second = plan.next_after(first)

    assert plan.next_after(second - timedelta(microseconds=1)) == second
    assert plan.next_after(first - timedelta(microseconds=1)) == first
    shortest, longest = (timedelta(days=7), timedelta(days=7))
    if plan.rhythm == Rhythm.MONTHLY:
        shortest, longest = timedelta(days=28), timedelta(days=31)
    assert shortest - LONGEST_JUMP <= second - first <= longest + LONGEST_JUMP


@pytest.mark.parametrize(
    ("zone", "at", "after", "due"),
    [
        # Monday at eight, in winter and in summer.
        ("Europe/Berlin", time(8), "2026-03-25T00:00", "2026-03-30T06:00"),
        ("Europe/Berlin", time(8), "2026-03-18T00:00", "2026-03-23T07:00"),
        ("Asia/Shanghai", time(8), "2026-11-22T23:59", "2026-11-23T00:00"),
        ("Asia/Shanghai", time(8), "2026-11-23T00:00", "2026-11-30T00:00"),
    ],
)
def test_monday_at_eight_is_so_on_the_wall(zone, at, after, due):
    plan = Plan(Rhythm.WEEKLY, 0, 1, at, ZoneInfo(zone))

    assert plan.next_after(datetime.fromisoformat(after).replace(tzinfo=UTC)) == datetime.fromisoformat(due).replace(
        tzinfo=UTC
    )


def test_time_that_does_not_exist_comes_an_hour_later():
    plan = Plan(Rhythm.WEEKLY, 6, 1, time(2, 30), ZoneInfo("Europe/Berlin"))

    due = plan.next_after(datetime(2026, 3, 28, tzinfo=UTC))

    assert due.astimezone(plan.zone).isoformat() == "2026-03-29T03:30:00+02:00"


def test_time_that_comes_twice_counts_the_first_time():
    plan = Plan(Rhythm.WEEKLY, 6, 1, time(2, 30), ZoneInfo("Europe/Berlin"))

    due = plan.next_after(datetime(2026, 10, 24, tzinfo=UTC))

    assert due.astimezone(plan.zone).isoformat() == "2026-10-25T02:30:00+02:00"
    assert plan.next_after(due) - due == timedelta(days=7, hours=1)


def test_first_of_the_month_is_in_every_month():
    plan = Plan(Rhythm.MONTHLY, 0, 1, time(8), ZoneInfo("UTC"))
    due, found = datetime(2026, 11, 15, tzinfo=UTC), []

    for _number in range(4):
        due = plan.next_after(due)
        found.append(due.date().isoformat())

    assert found == ["2026-12-01", "2027-01-01", "2027-02-01", "2027-03-01"]
