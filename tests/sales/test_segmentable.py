"""Segments by when customers bought last."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.crm.segmentable.test_conditions import NOW, found, rule
from tests.factories import make_customer
from tests.factories.sales_documents import make_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyers(in_tenant):
    """a bought 3 and 100 days ago, b 100 days ago and gave something back lately, c never."""
    for name, days in (("a", (3, 100)), ("b", (100,)), ("c", ())):
        customer = make_customer(in_tenant, name=name)
        for ago in days:
            make_transaction(customer, in_tenant, at=NOW - timedelta(days=ago))
        if name == "b":
            make_transaction(
                customer, in_tenant, amount=-500, quantity_milli=-1_000, at=datetime(2026, 6, 14, tzinfo=UTC)
            )
    return in_tenant


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("within", 30), "a"),
        (("not_within", 30), "bc"),
        (("from", "2026-06-12"), "a"),
        (("until", "2026-06-11"), "b"),
        (("until", "2026-06-12"), "ab"),
        (("filled",), "ab"),
        (("empty",), "c"),
    ],
)
def test_last_purchase_is_asked_for(buyers, asked, names):
    assert found(buyers, rule("sales.last_purchase", *asked)) == set(names)
