"""Segments by what customers bought and how they stand among all."""

from datetime import UTC, date, datetime

import pytest

from analytics.operations.rfm import compute_rfm
from tests.crm.segmentable.test_conditions import found, rule
from tests.factories import make_customer
from tests.factories.sales_documents import make_transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def tenant_with_buyers(in_tenant):
    for name, amounts in (("a", (5_000, 5_000)), ("b", (1_000,)), ("c", ())):
        customer = make_customer(in_tenant, name=name)
        for day, amount in enumerate(amounts, 1):
            make_transaction(customer, in_tenant, amount=amount, at=datetime(2026, 6, day, tzinfo=UTC))
    compute_rfm(tenant=in_tenant, as_of=date(2026, 6, 15))
    return in_tenant


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("analytics.spent", "at_least", 10_000), "a"),
        (("analytics.spent", "at_least", 10_001), ""),
        (("analytics.spent", "at_most", 1_000), "bc"),
        (("analytics.purchases", "at_least", 1), "ab"),
        (("analytics.purchases", "at_most", 1), "bc"),
        (("analytics.rfm", "in", ["champions"]), "a"),
        (("analytics.rfm", "not_in", ["champions"]), "bc"),
    ],
)
def test_a_rule_finds_what_it_says(tenant_with_buyers, asked, names):
    assert found(tenant_with_buyers, rule(*asked)) == set(names)
