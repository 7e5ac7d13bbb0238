"""The demo's products, quotes and purchases: the same each time, adding up, and telling a believable story."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from crm.demo.people import create_people
from crm.demo.registry import DemoTenant
from crm.rollups.comparing import differences
from crm.tenancy.context import use_tenant
from customers.demo import fill_customers
from customers.models import Customer
from sales.demo.deals import fill_deals
from sales.demo.products import fill_products
from sales.demo.purchases import fill_purchases
from sales.demo.quotes import fill_quotes
from sales.models import Product, Quote, QuoteCounter, QuoteSettings, RevenueDay, Transaction
from sales.numbering import number_of
from sales.rollups import REVENUE_DAYS

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
CUSTOMERS = 120


def fill(tenant, customers: int = CUSTOMERS) -> None:
    world = DemoTenant(tenant=tenant, people=create_people(tenant), now=NOW, customers=customers, say=lambda line: None)
    with use_tenant(tenant):
        for step in (fill_customers, fill_deals, fill_products, fill_purchases, fill_quotes):
            step(world)


@pytest.fixture
def demo(in_tenant):
    fill(in_tenant)
    return in_tenant


def told() -> tuple:
    purchases = Transaction.objects.order_by("external_id").values_list("external_id", "at", "amount", "name")
    quotes = Quote.objects.order_by("number").values_list("number", "title", "status", "total_amount")
    return list(purchases), list(quotes)


def test_demo_filled_in_steps_tells_the_same_purchases(in_tenant, other_tenant):
    fill(in_tenant, 40)
    fill(in_tenant, 80)
    in_steps, _quotes = told()
    # Another tenant of the same name would get the same; here the rows are deleted and made anew.
    Customer.objects.all().delete()
    fill(in_tenant, 80)

    assert told()[0] == in_steps


def test_demo_that_is_there_is_left_alone(demo):
    before = told()

    fill(demo)

    assert told() == before


def test_about_five_lines_are_bought_for_each_customer(demo):
    assert 3.5 < Transaction.objects.count() / CUSTOMERS < 7


def test_few_buyers_buy_much_and_many_little(demo):
    orders = Counter(Transaction.objects.filter(amount__gt=0).values_list("customer", "reference").distinct())
    per_buyer = sorted(Counter(customer for customer, _reference in orders).values())

    assert per_buyer[len(per_buyer) // 4] <= 2
    assert per_buyer[-1] >= 10


def test_purchases_lie_within_two_years_and_none_to_come(demo):
    moments = Transaction.objects.values_list("at", flat=True)

    assert max(moments) <= NOW
    assert (NOW - min(moments)).days <= 732


def test_revenue_of_the_demo_agrees_with_its_purchases(demo):
    assert RevenueDay.objects.exists()
    assert differences(REVENUE_DAYS) == []


def test_totals_of_the_demos_quotes_are_those_of_their_lines(demo):
    for quote in Quote.objects.all():
        totals = quote.totals(list(quote.lines.order_by("pos")))
        assert (quote.net_amount, quote.tax_amount, quote.total_amount) == (totals.net, totals.tax, totals.total)
        assert [line.amount for line in quote.lines.order_by("pos")] == list(totals.amounts)


def test_demos_quotes_are_numbered_without_a_gap(demo):
    pattern = QuoteSettings.objects.get().number_pattern
    wanted = {
        number_of(pattern, datetime(int(counter.period[2:6]), 1, 1, tzinfo=UTC), number)
        for counter in QuoteCounter.objects.all()
        for number in range(1, counter.last + 1)
    }

    assert set(Quote.objects.values_list("number", flat=True)) == wanted


def test_quote_of_a_won_deal_was_accepted(demo):
    states = set(Quote.objects.filter(deal__status="won").values_list("status", flat=True))

    assert states == {"accepted"}


def test_demo_speaks_the_tenants_language(other_tenant):
    fill(other_tenant, 20)

    with use_tenant(other_tenant):
        assert Product.objects.filter(name="人体工学办公椅", currency="CNY").exists()
        assert QuoteSettings.objects.get().is_tax_included
        assert set(Quote.objects.values_list("language", flat=True)) <= {"zh-hans"}
