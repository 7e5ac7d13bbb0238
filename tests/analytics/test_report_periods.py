"""The words for periods, and what they are on a given day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from analytics.reports.periods import Period, month_after, parse_period

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("last", "2026-02-01", "2026-02-28"),
        ("this", "2026-03-01", "2026-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2025", "2025-01-01", "2025-12-31"),
        ("last-quarter", "2025-10-01", "2025-12-31"),
        ("this-quarter", "2026-01-01", "2026-03-31"),
        ("last-year", "2025-01-01", "2025-12-31"),
        ("this-year", "2026-01-01", "2026-03-31"),
        ("2027-01", "2027-01-01", "2027-01-31"),
    ],
)
def test_word_is_a_period(word, first, last):
    period = parse_period(word, TODAY)

    assert (period.first.isoformat(), period.last.isoformat()) == (first, last)


@pytest.mark.parametrize("word", ["", "2026-13", "2026-00", "2026-Q5", "26-01", "0000", "next", "2026-1", "last-week"])
def test_other_words_are_none(word):
    assert parse_period(word, TODAY) is None


def test_month_that_goes_on_is_compared_with_as_many_days():
    period = parse_period("this", date(2026, 3, 10))

    assert (period.last, period.before.first, period.before.last) == (
        date(2026, 3, 10),
        date(2026, 2, 1),
        date(2026, 2, 10),
    )
    assert period.year_before.last == date(2025, 3, 10)


def test_as_many_days_end_with_the_month():
    assert parse_period("this", date(2026, 3, 30)).before.last == date(2026, 2, 28)


@given(st.dates(date(1901, 1, 1), date(2998, 12, 1)), st.integers(-500, 500))
def test_months_are_counted_through_years(day, months):
    first = day.replace(day=1)
    if first.year + months // 12 - 1 >= 1900 and first.year + months // 12 + 1 < 3000:
        assert month_after(month_after(first, months), -months) == first


def test_days_are_those_of_the_time_zone():
    begin, end = Period(date(2026, 3, 1), 1).moments(ZoneInfo("Asia/Shanghai"))

    assert (begin, end) == (datetime(2026, 2, 28, 16, tzinfo=UTC), datetime(2026, 3, 31, 16, tzinfo=UTC))


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["October 2026", "Q3 2026", "2025"]), ("zh-hans", ["2026年10月", "2026年第3季度", "2025年"])],
)
def test_periods_are_named_in_both_languages(language, words):
    with override(language):
        assert [
            str(Period(date(2026, 10, 1), 1)),
            str(Period(date(2026, 7, 1), 3)),
            str(Period(date(2025, 1, 1), 12)),
        ] == words
