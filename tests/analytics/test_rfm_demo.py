"""The demo's analysis: there from the first day, and with somebody in most segments."""

from datetime import UTC, date, datetime

import pytest

from analytics.choices.rfm import RfmSegment
from analytics.demo.rfm import fill_rfm
from analytics.models import AnalyticsRun, CustomerRfm
from crm.demo.people import create_people
from crm.demo.registry import DemoTenant
from crm.tenancy.context import use_tenant
from customers.demo import fill_customers
from sales.demo.products import fill_products
from sales.demo.purchases import fill_purchases
from sales.models import Transaction

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 22, tzinfo=UTC)


def test_demo_is_analysed_as_of_its_own_day(other_tenant):
    world = DemoTenant(
        tenant=other_tenant, people=create_people(other_tenant), now=NOW, customers=120, say=lambda line: None
    )
    with use_tenant(other_tenant):
        for step in (fill_customers, fill_products, fill_purchases, fill_rfm):
            step(world)

        buyers = Transaction.objects.filter(amount__gt=0, customer__isnull=False).values("customer").distinct().count()
        run = AnalyticsRun.objects.get(name=AnalyticsRun.RFM)
        # In Shanghai it is the next morning.
        assert (run.as_of, run.customer_count) == (date(2026, 11, 24), buyers)
        found = set(CustomerRfm.objects.values_list("segment", flat=True))
        assert {RfmSegment.CHAMPIONS, RfmSegment.DORMANT, RfmSegment.SLIPPING, RfmSegment.NEWCOMERS} <= found
