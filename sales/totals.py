"""What a quote adds up to. Pure functions over whole numbers: minor units, thousandths, basis points; no currency, no
database. docs/sales.md says the rules in words; tests/sales/test_totals.py holds them.

Rounding is commercial: half a unit goes away from zero. It happens once for each line, once for the discount, and once
for the tax of each rate; all else are sums of what was rounded, so that what is printed adds up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WHOLE = 10_000  # basis points
THOUSAND = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """`unit_price` before the line's discount."""

    quantity_milli: int
    unit_price: int
    discount_bp: int = 0
    tax_bp: int = 0


@dataclass(frozen=True, slots=True)
class Discount:
    """Off the sum of the lines: a share of it, or an amount."""

    share_bp: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The part of a quote with one rate. `net` is after discounts and before tax."""

    rate_bp: int
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class Totals:
    """`subtotal` is the sum of `amounts`, those of the lines, and `discount` what goes off it: with their tax where the
    prices contain it. `net` + `tax` = `total`."""

    amounts: tuple[int, ...]
    subtotal: int
    discount: int
    net: int
    tax: int
    total: int
    groups: tuple[TaxGroup, ...]


def rounded(numerator: int, denominator: int) -> int:
    """The quotient, half a unit away from zero. `denominator` is positive."""
    half_up = (2 * abs(numerator) + denominator) // (2 * denominator)
    return half_up if numerator >= 0 else -half_up


def line_amount(line: Line) -> int:
    return rounded(line.quantity_milli * line.unit_price * (WHOLE - line.discount_bp), THOUSAND * WHOLE)


def totals_of(lines: Iterable[Line], discount: Discount = Discount(), *, is_tax_included: bool = False) -> Totals:
    lines = tuple(lines)
    amounts = tuple(line_amount(line) for line in lines)
    subtotal = sum(amounts)
    off = _discount_off(subtotal, discount)
    groups = _tax_groups(lines, amounts, off, is_tax_included=is_tax_included)
    net, tax = sum(group.net for group in groups), sum(group.tax for group in groups)
    return Totals(amounts, subtotal, off, net, tax, net + tax, groups)


def _discount_off(subtotal: int, discount: Discount) -> int:
    """Never below zero and never more than there is: nobody is paid for accepting a quote."""
    wanted = discount.amount or rounded(subtotal * discount.share_bp, WHOLE)
    return max(0, min(wanted, subtotal))


def _tax_groups(
    lines: Sequence[Line], amounts: Sequence[int], off: int, *, is_tax_included: bool
) -> tuple[TaxGroup, ...]:
    by_rate: dict[int, int] = defaultdict(int)
    for line, amount in zip(lines, amounts, strict=True):
        by_rate[line.tax_bp] += amount
    rates = sorted(by_rate)
    parts = shared_out(off, [by_rate[rate] for rate in rates])
    return tuple(
        _tax_group(rate, by_rate[rate] - part, is_tax_included=is_tax_included)
        for rate, part in zip(rates, parts, strict=True)
    )


def _tax_group(rate_bp: int, base: int, *, is_tax_included: bool) -> TaxGroup:
    if is_tax_included:
        net = rounded(base * WHOLE, WHOLE + rate_bp)
        return TaxGroup(rate_bp, net, base - net)
    return TaxGroup(rate_bp, base, rounded(base * rate_bp, WHOLE))


def shared_out(amount: int, weights: Sequence[int]) -> list[int]:
    """Whole parts of `amount` in the proportion of `weights` (none below zero) that add up to it: each is cut down to a
    whole unit, and what is left goes, unit by unit, to where most was cut off."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_loss[: amount - sum(parts)]:
        parts[place] += 1
    return parts
