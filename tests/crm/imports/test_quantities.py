"""Cells that are kept as thousandths and as basis points."""

import pytest

from crm.imports.faults import Fault, Invalid
from crm.imports.values import percent, quantity


@pytest.mark.parametrize(
    ("cell", "thousandths"),
    [
        ("6", "6000"),
        ("-1", "-1000"),
        ("1.5", "1500"),
        ("0.125", "125"),
        ("1,200", "1200000"),
        ("１２", "12000"),
        (" ", ""),
    ],
)
def test_quantity_is_kept_in_thousandths(cell, thousandths):
    assert quantity(cell) == thousandths


@pytest.mark.parametrize("cell", ["six", "0.1234", "1e40"])
def test_quantity_that_cannot_be_kept_is_refused(cell):
    with pytest.raises(Invalid) as refused:
        quantity(cell)

    assert refused.value.code == Fault.BAD_QUANTITY


@pytest.mark.parametrize(
    ("cell", "basis_points"),
    [
        ("13", "1300"),
        ("13%", "1300"),
        ("13％", "1300"),
        ("0.13", "1300"),
        ("8.25 %", "825"),
        ("0.5%", "50"),
        ("0", "0"),
    ],
)
def test_share_is_kept_in_basis_points(cell, basis_points):
    assert percent(cell) == basis_points


@pytest.mark.parametrize("cell", ["101", "-1", "much", "8.255"])
def test_share_that_is_none_is_refused(cell):
    with pytest.raises(Invalid) as refused:
        percent(cell)

    assert refused.value.code == Fault.BAD_PERCENT
