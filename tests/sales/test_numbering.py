"""Patterns of running numbers."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from sales.numbering import DEFAULT_PATTERN, number_of, period_of, validate_pattern

DAY = date(2026, 3, 7)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        (DEFAULT_PATTERN, "Q-2026-0042"),
        ("{number}", "42"),
        ("{yy}{month}{day}-{number:3}", "260307-042"),
        ("报价 {year}/{number:5}", "报价 2026/00042"),
        ("Q{year}{month}-{number:1}", "Q202603-42"),
    ],
)
def test_number_is_made_of_its_pattern(pattern, number):
    validate_pattern(pattern)

    assert number_of(pattern, DAY, 42) == number


def test_counter_that_outgrows_its_digits_goes_on():
    assert number_of("Q-{number:2}", DAY, 1234) == "Q-1234"


def test_counter_begins_anew_with_the_year():
    assert period_of(DEFAULT_PATTERN, DAY) != period_of(DEFAULT_PATTERN, date(2027, 1, 1))
    assert period_of(DEFAULT_PATTERN, DAY) == period_of(DEFAULT_PATTERN, date(2026, 12, 31))


@pytest.mark.parametrize(
    "pattern",
    [
        "Q-2026",
        "{number}-{number}",
        "Q-{week}-{number}",
        "{month}-{number}",
        "{year}-{day}-{number}",
        "{number:12}",
        "Q-{number",
        "<{number}>",
        "{number.__class__}",
    ],
)
def test_pattern_that_could_not_count_is_refused(pattern):
    with pytest.raises(ValidationError):
        validate_pattern(pattern)
