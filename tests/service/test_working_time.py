"""Working time over nights, holidays, changes of the clock and years; what must hold for every calendar and moment."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.working_time import (
    DAY_MINUTES,
    BadHours,
    Calendar,
    add_working_time,
    always_open,
    calendar_of,
    format_hours,
    parse_hours,
    working_time_between,
)

CLOSED = ()
OFFICE = parse_hours("09:00-12:00, 13:00-18:00")
# An hour forward and back, half an hour (Lord Howe), at midnight (Santiago, Havana), a day that never was (Apia).
ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "America/Havana",
    "Pacific/Apia",
]
BEGINNING, END = datetime(2011, 11, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)


def week_of(hours, zone="UTC", special=None):
    return Calendar(ZoneInfo(zone), (hours,) * 5 + (CLOSED,) * 2, special or {})


@st.composite
def hours_of_a_day(draw, step=1):
    bounds = sorted(draw(st.sets(st.integers(0, DAY_MINUTES // step), max_size=6)))
    bounds = bounds[: len(bounds) // 2 * 2]
    return tuple((begin * step, end * step) for begin, end in zip(bounds[::2], bounds[1::2], strict=True))


@st.composite
def calendars(draw, zones=ZONES, step=1):
    week = tuple(draw(hours_of_a_day(step)) for _ in range(7))
    days = draw(st.dictionaries(st.dates(date(2011, 11, 1), date(2026, 12, 31)), hours_of_a_day(step), max_size=4))
    return Calendar(ZoneInfo(draw(st.sampled_from(zones))), week, days)


moments = st.datetimes(BEGINNING.replace(tzinfo=None), END.replace(tzinfo=None), timezones=st.just(UTC))
spans = st.timedeltas(timedelta(0), timedelta(days=40))


# -- what must hold for every calendar


@given(calendars(), moments, spans, spans)
@settings(max_examples=150, deadline=None)
def test_time_adds_up_over_any_moment_between(calendar, start, first, second):
    middle, end = start + first, start + first + second

    whole = working_time_between(calendar, start, end)

    assert whole == working_time_between(calendar, start, middle) + working_time_between(calendar, middle, end)
    assert timedelta(0) <= whole <= end - start


@given(calendars(), moments, st.timedeltas(timedelta(seconds=1), timedelta(hours=60)))
@settings(max_examples=150, deadline=None)
def test_adding_is_the_first_moment_at_which_so_much_has_passed(calendar, start, duration):
    due = add_working_time(calendar, start, duration)

    if due is None:
        assert working_time_between(calendar, start, start + timedelta(days=3_000)) < duration
    else:
        assert working_time_between(calendar, start, due) == duration
        assert working_time_between(calendar, start, due - timedelta(microseconds=1)) < duration


@given(calendars(zones=["America/New_York", "Europe/Berlin", "America/Santiago"], step=60), st.data())
@settings(max_examples=40, deadline=None)
def test_it_is_the_minutes_on_a_clock_on_the_wall_that_lie_in_the_hours(calendar, data):
    """Counted minute by minute in UTC, around the days on which the clock is changed."""
    day = data.draw(st.sampled_from([date(2026, 3, 8), date(2026, 11, 1), date(2026, 3, 29), date(2026, 10, 25)]))
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=data.draw(st.integers(0, 20)))
    minutes = data.draw(st.integers(1, 60 * 40))

    def is_open(moment):
        wall = moment.astimezone(calendar.zone)
        minute = wall.hour * 60 + wall.minute
        return any(begin <= minute < end for begin, end in calendar.hours(wall.date()))

    counted = sum(is_open(start + timedelta(minutes=number)) for number in range(minutes))

    assert working_time_between(calendar, start, start + timedelta(minutes=minutes)) == timedelta(minutes=counted)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=300)), st.sampled_from(ZONES))
@settings(max_examples=60, deadline=None)
def test_round_the_clock_is_plain_time(start, span, zone):
    calendar = always_open(zone)

    assert working_time_between(calendar, start, start + span) == span
    assert add_working_time(calendar, start, span) == start + span


@given(hours_of_a_day())
def test_hours_are_read_as_they_are_written(hours):
    assert parse_hours(format_hours(hours)) == hours


# -- single rules


def at(text, zone="UTC"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_lunch_nights_and_weekends_do_not_count():
    # Friday 11:00 to Monday 14:00: one hour, five, and on Monday three and one.
    worked = working_time_between(week_of(OFFICE), at("2026-11-20T11:00"), at("2026-11-23T14:00"))

    assert worked == timedelta(hours=1 + 5 + 3 + 1)


def test_a_deadline_jumps_over_lunch_and_the_weekend():
    calendar = week_of(OFFICE)

    assert add_working_time(calendar, at("2026-11-20T11:30"), timedelta(hours=1)) == at("2026-11-20T13:30")
    assert add_working_time(calendar, at("2026-11-20T17:30"), timedelta(hours=1)) == at("2026-11-23T09:30")
    assert add_working_time(calendar, at("2026-11-21T10:00"), timedelta(hours=8)) == at("2026-11-23T18:00")


def test_what_is_due_at_closing_time_is_due_then_and_not_the_next_morning():
    assert add_working_time(week_of(OFFICE), at("2026-11-20T17:00"), timedelta(hours=1)) == at("2026-11-20T18:00")


def test_a_holiday_does_not_count_and_a_day_worked_instead_does():
    # Golden week: from Thursday the 1st to Wednesday the 7th; Saturday the 10th is worked instead.
    holidays = {date(2026, 10, number): CLOSED for number in range(1, 8)}
    calendar = week_of(OFFICE, "Asia/Shanghai", holidays | {date(2026, 10, 10): OFFICE})
    start = at("2026-09-30T17:00", "Asia/Shanghai")

    worked = working_time_between(calendar, start, at("2026-10-11T00:00", "Asia/Shanghai"))

    assert worked == timedelta(hours=1 + 8 + 8 + 8)
    assert add_working_time(calendar, start, timedelta(hours=2)) == at("2026-10-08T10:00", "Asia/Shanghai")


def test_the_turn_of_the_year_and_the_leap_day_are_days_like_others():
    calendar = week_of(OFFICE, special={date(2027, 1, 1): CLOSED})

    assert working_time_between(calendar, at("2026-12-31T16:00"), at("2027-01-04T10:00")) == timedelta(hours=2 + 1)
    assert working_time_between(calendar, at("2028-02-28T00:00"), at("2028-03-02T00:00")) == timedelta(hours=24)


@pytest.mark.parametrize(
    ("day", "hours", "worked"),
    [
        ("2026-03-08", "00:00-24:00", 23),  # New York puts the clock forward at two
        ("2026-03-08", "02:00-03:00", 0),  # the hour that does not exist
        ("2026-03-08", "02:30-04:00", 1),
        ("2026-03-08", "01:00-02:30", 1),
        ("2026-11-01", "00:00-24:00", 25),  # and back at two
        ("2026-11-01", "01:00-02:00", 2),  # the hour that comes twice
        ("2026-11-01", "00:00-01:30, 01:30-03:00", 4),
        ("2026-11-02", "00:00-24:00", 24),
    ],
)
def test_changes_of_the_clock(day, hours, worked):
    calendar = Calendar(ZoneInfo("America/New_York"), (parse_hours(hours),) * 7)
    midnight = at(f"{day}T00:00", "America/New_York")
    next_day = at((date.fromisoformat(day) + timedelta(days=1)).isoformat() + "T00:00", "America/New_York")

    assert working_time_between(calendar, midnight, next_day) == timedelta(hours=worked)


def test_a_day_that_never_was_holds_no_time():
    # Samoa went from the 29th of December 2011 to the 31st.
    calendar = always_open("Pacific/Apia")

    assert calendar.openings(date(2011, 12, 30)) == ()
    assert working_time_between(
        calendar, at("2011-12-29T12:00", "Pacific/Apia"), at("2011-12-31T12:00", "Pacific/Apia")
    ) == timedelta(hours=24)


def test_an_empty_calendar_has_no_working_time_and_no_deadline():
    calendar = Calendar(ZoneInfo("UTC"), (CLOSED,) * 7)

    assert working_time_between(calendar, at("2020-01-01T00:00"), at("2026-01-01T00:00")) == timedelta(0)
    assert add_working_time(calendar, at("2026-01-01T00:00"), timedelta(minutes=1)) is None


def test_a_calendar_of_special_days_only_works_on_these():
    calendar = Calendar(ZoneInfo("UTC"), (CLOSED,) * 7, {date(2026, 5, 1): OFFICE, date(2026, 8, 1): OFFICE})

    assert add_working_time(calendar, at("2026-01-01T00:00"), timedelta(hours=9)) == at("2026-08-01T10:00")
    assert add_working_time(calendar, at("2026-01-01T00:00"), timedelta(hours=17)) is None


def test_nothing_to_wait_for_is_due_at_once():
    assert add_working_time(week_of(OFFICE), at("2026-11-21T10:00"), timedelta(0)) == at("2026-11-21T10:00")


def test_the_end_before_the_beginning_is_no_time():
    assert working_time_between(always_open(), at("2026-01-02T00:00"), at("2026-01-01T00:00")) == timedelta(0)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", ()),
        ("9-17", ((540, 1020),)),
        ("09:00–12:00；13:00 至 18:00", ((540, 720), (780, 1080))),
        ("13:00-18:00, 9:00-12:00", ((540, 720), (780, 1080))),
        ("0:00-24:00", ((0, 1440),)),
        ("０９：００－１２：００", ((540, 720),)),
    ],
)
def test_hours_are_read_as_people_type_them(text, hours):
    assert parse_hours(text) == hours


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nine to five", "unreadable"),
        ("09:60-12:00", "unreadable"),
        ("09:00-25:00", "unreadable"),
        ("09:00", "unreadable"),
        ("18:00-09:00", "backwards"),
        ("09:00-09:00", "backwards"),
        ("09:00-13:00, 12:00-18:00", "overlapping"),
    ],
)
def test_hours_that_make_no_sense_are_refused_with_a_reason(text, code):
    with pytest.raises(BadHours) as refusal:
        parse_hours(text)

    assert refusal.value.code == code


def test_a_calendar_is_read_from_the_texts_in_which_it_is_kept():
    calendar = calendar_of("Asia/Shanghai", ["09:00-12:00, 13:00-18:00"] * 5 + ["", ""], {date(2026, 10, 1): ""})

    assert calendar == week_of(OFFICE, "Asia/Shanghai", {date(2026, 10, 1): CLOSED})
