"""Purchases, and the revenue of each day that follows from them whoever changes them."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import F

from crm.errors import ProductInUse
from crm.rollups.comparing import Difference, differences, settle_differences
from crm.tenancy.context import tenant_atomic, use_tenant
from customers.operations import delete_customers
from sales.models import Product, RevenueDay, Transaction
from sales.operations.products import delete_products, put_on_sale
from sales.operations.purchases import delete_transactions
from sales.rollups import REVENUE_DAYS
from tests.factories import make_customer
from tests.factories.sales_documents import make_line, make_product, make_quote, make_transaction

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def customer(in_tenant):
    return make_customer(in_tenant)


def buy(customer, **fields) -> Transaction:
    return make_transaction(customer, customer.tenant, **({"at": NOON} | fields))


def days() -> dict[tuple[str, str], tuple[int, int, int]]:
    """{(day, currency): (purchases, revenue, returns)}, days without purchases left out."""
    rows = RevenueDay.objects.values_list("day", "currency", "transaction_count", "amount", "returned_amount")
    found: dict = {}
    for day, currency, *numbers in rows:
        key = (day.isoformat(), currency)
        found[key] = tuple(map(sum, zip(found.get(key, (0, 0, 0)), numbers, strict=True)))
    return {key: numbers for key, numbers in found.items() if any(numbers)}


# -- revenue by day


def test_purchases_of_a_day_add_up(customer):
    buy(customer, amount=1_000)
    buy(customer, amount=2_500)
    buy(customer, amount=700, currency="EUR")

    assert days() == {("2026-03-02", "USD"): (2, 3_500, 0), ("2026-03-02", "EUR"): (1, 700, 0)}


def test_return_is_taken_off_and_counted_as_such(customer):
    buy(customer, amount=1_000)
    buy(customer, amount=-400, quantity_milli=-1_000)

    assert days() == {("2026-03-02", "USD"): (2, 600, -400)}


def test_day_is_one_of_the_tenants_time_zone(other_tenant):
    with use_tenant(other_tenant):
        customer = make_customer(other_tenant)
        for hour in (15, 16):  # 23:00 of the second and 00:00 of the third in Shanghai
            make_transaction(customer, other_tenant, at=datetime(2026, 3, 2, hour, tzinfo=UTC), amount=100)

        assert days() == {("2026-03-02", "CNY"): (1, 100, 0), ("2026-03-03", "CNY"): (1, 100, 0)}


def test_changed_purchase_moves_its_revenue(customer):
    purchase = buy(customer, amount=1_000)
    purchase.amount, purchase.at = 1_500, datetime(2026, 3, 5, 12, tzinfo=UTC)
    purchase.save()

    assert days() == {("2026-03-05", "USD"): (1, 1_500, 0)}


def test_change_of_many_moves_the_revenue_of_all(customer):
    for amount in (100, 200, 300):
        buy(customer, amount=amount)

    Transaction.objects.filter(amount__gte=200).update(amount=F("amount") * 2)

    assert days() == {("2026-03-02", "USD"): (3, 1_100, 0)}


def test_change_that_moves_no_money_leaves_the_days_alone(customer):
    buy(customer)
    before = list(RevenueDay.objects.values())

    Transaction.objects.update(city="Boston")

    assert list(RevenueDay.objects.values()) == before


def test_deleted_purchases_take_their_revenue_along(customer, in_tenant):
    buy(customer, amount=1_000)
    buy(make_customer(in_tenant, name="Red Hill"), amount=300)

    delete_transactions(transactions=Transaction.objects.filter(amount=1_000))

    assert days() == {("2026-03-02", "USD"): (1, 300, 0)}


def test_deleted_customer_takes_purchases_and_revenue_along(customer):
    buy(customer)

    delete_customers(customers=type(customer).objects.filter(pk=customer.pk))

    assert days() == {}


def test_sale_to_somebody_unknown_is_revenue_too(in_tenant):
    make_transaction(None, in_tenant, at=NOON, amount=900)

    assert days() == {("2026-03-02", "USD"): (1, 900, 0)}


def test_revenue_is_each_tenants_own(customer, other_tenant):
    buy(customer)
    with tenant_atomic(other_tenant):
        make_transaction(make_customer(other_tenant), other_tenant, at=NOON, amount=1)
        assert days() == {("2026-03-02", "CNY"): (1, 1, 0)}

    assert days() == {("2026-03-02", "USD"): (1, 12_000, 0)}


# -- the nightly comparison


def test_days_that_agree_are_left_alone(customer):
    buy(customer)

    assert differences(REVENUE_DAYS) == []
    assert settle_differences(REVENUE_DAYS) == 0


def test_day_that_went_astray_is_found_and_put_right(customer):
    buy(customer, amount=1_000)
    RevenueDay.objects.update(amount=1)
    RevenueDay.objects.create(day=date(2020, 1, 1), currency="USD", transaction_count=1, amount=5)

    assert sorted(differences(REVENUE_DAYS), key=lambda one: one.key) == [
        Difference((date(2020, 1, 1), "USD"), (-1, -5, 0)),
        Difference((date(2026, 3, 2), "USD"), (0, 999, 0)),
    ]
    assert settle_differences(REVENUE_DAYS) == 2

    assert days() == {("2026-03-02", "USD"): (1, 1_000, 0)}
    assert differences(REVENUE_DAYS) == []


def test_other_time_zone_moves_the_days_with_the_next_comparison(customer, in_tenant):
    buy(customer, at=datetime(2026, 3, 2, 22, tzinfo=UTC), amount=1_000)
    in_tenant.time_zone = "Asia/Shanghai"
    in_tenant.save()

    settle_differences(REVENUE_DAYS)

    assert days() == {("2026-03-03", "USD"): (1, 1_000, 0)}


# -- products


def test_product_that_was_quoted_or_bought_is_kept(customer, owner, in_tenant):
    quoted, bought, free = (make_product(in_tenant, name=name) for name in ("Quoted", "Bought", "Free"))
    make_quote(customer, owner.user, lines=[make_line(product=quoted)])
    buy(customer, product=bought)

    for product in (quoted, bought):
        with pytest.raises(ProductInUse):
            delete_products(products=Product.objects.filter(pk=product.pk))
    assert delete_products(products=Product.objects.all(), skip_used=True) == 1

    assert set(Product.objects.values_list("name", flat=True)) == {"Quoted", "Bought"}
    assert free.pk not in Product.objects.values_list("pk", flat=True)


def test_products_taken_off_sale_are_changed_once(in_tenant):
    make_product(in_tenant)
    make_product(in_tenant, name="Desk", is_active=False)

    assert put_on_sale(products=Product.objects.all(), is_active=False) == 1
    assert list(Product.objects.filter(is_active=False).values_list("version", flat=True).order_by("version")) == [1, 2]
