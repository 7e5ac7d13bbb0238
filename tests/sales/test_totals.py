"""What a quote adds up to, for any lines: what is printed is what is summed."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sales.totals import Discount, Line, line_amount, rounded, shared_out, totals_of

RATES = st.sampled_from([0, 1, 300, 500, 600, 825, 900, 1300, 1900, 10_000])
LINES = st.lists(
    st.builds(
        Line,
        quantity_milli=st.integers(0, 10**9),
        unit_price=st.integers(0, 10**10),
        discount_bp=st.integers(0, 10_000),
        tax_bp=RATES,
    ),
    max_size=12,
)
DISCOUNTS = st.one_of(
    st.builds(Discount, share_bp=st.integers(0, 10_000)), st.builds(Discount, amount=st.integers(0, 10**12))
)


@pytest.mark.parametrize(
    ("numerator", "denominator", "quotient"),
    [(0, 7, 0), (1, 2, 1), (-1, 2, -1), (3, 2, 2), (-3, 2, -2), (149, 100, 1), (150, 100, 2), (-149, 100, -1)],
)
def test_half_a_unit_goes_away_from_zero(numerator, denominator, quotient):
    assert rounded(numerator, denominator) == quotient


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**10))
def test_rounding_is_never_off_by_more_than_half_a_unit(numerator, denominator):
    assert abs(Fraction(numerator, denominator) - rounded(numerator, denominator)) <= Fraction(1, 2)


@pytest.mark.parametrize(
    ("line", "amount"),
    [
        (Line(1_000, 1999), 1999),
        (Line(3_000, 333), 999),
        (Line(1_500, 333), 500),  # 499.5
        (Line(333, 100), 33),
        (Line(2_000, 1000, discount_bp=1_000), 1800),
        (Line(1_000, 999, discount_bp=5_000), 500),  # 499.5
        (Line(1_000, 999, discount_bp=10_000), 0),
    ],
)
def test_amount_of_a_line(line, amount):
    assert line_amount(line) == amount


def test_quote_with_two_rates_and_a_discount():
    lines = [Line(2_000, 50_000, tax_bp=1300), Line(1_000, 30_000, tax_bp=600), Line(1_000, 20_000, 5_000, tax_bp=1300)]

    totals = totals_of(lines, Discount(share_bp=1_000))

    assert totals.amounts == (100_000, 30_000, 10_000)
    assert (totals.subtotal, totals.discount, totals.net) == (140_000, 14_000, 126_000)
    assert [(group.rate_bp, group.net, group.tax) for group in totals.groups] == [
        (600, 27_000, 1_620),
        (1300, 99_000, 12_870),
    ]
    assert (totals.tax, totals.total) == (14_490, 140_490)


def test_prices_that_contain_the_tax_are_what_the_customer_pays():
    totals = totals_of([Line(1_000, 11_300, tax_bp=1300)], is_tax_included=True)

    assert (totals.subtotal, totals.net, totals.tax, totals.total) == (11_300, 10_000, 1_300, 11_300)


def test_quote_without_lines_is_nothing():
    totals = totals_of([], Discount(amount=500))

    assert (totals.subtotal, totals.discount, totals.total, totals.groups) == (0, 0, 0, ())


def test_discount_by_amount_is_never_more_than_there_is():
    assert totals_of([Line(1_000, 300)], Discount(amount=500)).total == 0


@given(LINES, DISCOUNTS, st.booleans())
def test_printed_lines_add_up_to_the_printed_sum(lines, discount, included):
    totals = totals_of(lines, discount, is_tax_included=included)

    assert totals.amounts == tuple(line_amount(line) for line in lines)
    assert sum(totals.amounts) == totals.subtotal


@given(LINES, DISCOUNTS, st.booleans())
def test_taxes_by_rate_add_up(lines, discount, included):
    totals = totals_of(lines, discount, is_tax_included=included)

    assert sum(group.tax for group in totals.groups) == totals.tax
    assert sum(group.net for group in totals.groups) == totals.net
    assert totals.net + totals.tax == totals.total
    assert [group.rate_bp for group in totals.groups] == sorted({line.tax_bp for line in lines})


@given(LINES, DISCOUNTS, st.booleans())
def test_what_is_left_after_the_discount_is_what_is_taxed(lines, discount, included):
    totals = totals_of(lines, discount, is_tax_included=included)

    assert totals.subtotal - totals.discount == (totals.total if included else totals.net)


@given(LINES, DISCOUNTS, st.booleans())
def test_discount_is_never_negative_and_never_more_than_the_sum(lines, discount, included):
    totals = totals_of(lines, discount, is_tax_included=included)

    assert 0 <= totals.discount <= totals.subtotal
    assert totals.total >= 0
    assert all(group.net >= 0 and group.tax >= 0 for group in totals.groups)


@given(LINES, st.booleans())
def test_no_discount_leaves_the_sum_alone(lines, included):
    totals = totals_of(lines, is_tax_included=included)

    assert totals.discount == 0
    assert totals == totals_of(lines, Discount(share_bp=0, amount=0), is_tax_included=included)


@given(LINES, DISCOUNTS, st.booleans())
def test_tax_of_a_rate_is_exact_to_half_a_unit(lines, discount, included):
    for group in totals_of(lines, discount, is_tax_included=included).groups:
        exact = Fraction(group.net + group.tax, 1) - Fraction((group.net + group.tax) * 10_000, 10_000 + group.rate_bp)
        assert abs(group.tax - exact) <= Fraction(1, 2)


@given(LINES, DISCOUNTS, st.booleans(), st.randoms())
def test_order_of_lines_changes_no_sum(lines, discount, included, random):
    shuffled = random.sample(lines, len(lines))
    one = totals_of(lines, discount, is_tax_included=included)
    other = totals_of(shuffled, discount, is_tax_included=included)

    assert (one.subtotal, one.discount, one.groups, one.total) == (
        other.subtotal,
        other.discount,
        other.groups,
        other.total,
    )


@given(LINES, RATES, st.integers(0, 10_000), st.booleans())
def test_line_for_nothing_changes_no_sum(lines, rate, share, included):
    free = Line(1_000, 0, tax_bp=rate)
    one = totals_of(lines, Discount(share_bp=share), is_tax_included=included)
    other = totals_of([*lines, free], Discount(share_bp=share), is_tax_included=included)

    assert (one.subtotal, one.discount, one.total) == (other.subtotal, other.discount, other.total)


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**12), max_size=10))
def test_shares_add_up_and_are_fair(amount, weights):
    parts = shared_out(amount, weights)

    whole = sum(weights)
    assert sum(parts) == (amount if whole else 0)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, whole or 1)) < 1
