"""The monthly sales report: its figures, counted by hand, and whose purchases they are of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from analytics.reports.asking import ask, build
from analytics.reports.content import Document, Table
from analytics.reports.registry import find_report
from crm.errors import BadReportParameter, UnknownReportParameter
from crm.tenancy.context import use_tenant
from tests.factories import make_customer
from tests.factories.deals import make_deal, make_lost_reason, make_pipeline
from tests.factories.sales_documents import make_product, make_transaction

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)


def at(month: int, day: int = 10, hour: int = 12, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def shop(in_tenant, owner, colleague):
    """Two customers of two people, and somebody unknown. March: 120.00, 30.00, 50.00, -20.00, 7.00."""
    chair = make_product(in_tenant, name="Chair", code="C")
    mine = make_customer(in_tenant, name="Blue River", owner=owner.user, created_at=at(3))
    other = make_customer(in_tenant, name="Red Hill", owner=colleague.user, created_at=at(1))
    make_transaction(mine, in_tenant, at=at(3, 1, 0), amount=12_000, product=chair, city="Beijing")
    make_transaction(mine, in_tenant, at=at(3, 31, 23), amount=3_000, name="Delivery", city="Beijing")
    make_transaction(other, in_tenant, at=at(3, 2), amount=5_000, product=chair, city="Shanghai")
    make_transaction(other, in_tenant, at=at(3, 3), amount=-2_000, product=chair, city="Shanghai")
    make_transaction(None, in_tenant, at=at(3, 2), amount=700, name="Delivery")
    make_transaction(mine, in_tenant, at=at(2), amount=8_000)
    make_transaction(mine, in_tenant, at=at(3, year=2025), amount=37_400)
    make_transaction(mine, in_tenant, at=at(4, 1, 0), amount=99_900)
    make_transaction(mine, in_tenant, at=at(3), amount=1_111, currency="EUR")
    return in_tenant


def sales_of(member, **parameters) -> Document:
    with use_tenant(member.membership.tenant, member.user):
        parameters = {"month": "2026-03"} | parameters
        return build(ask(find_report("monthly_sales"), member.membership, parameters, now=NOW))


def table(document: Document, title: str) -> Table:
    return next(one for one in document.tables if one.title == title)


def figures(document: Document) -> dict:
    return {one.label: one.value for one in document.figures}


def test_month_adds_up(shop, admin):
    found = figures(sales_of(admin))

    assert found["Revenue"] == 18_700
    assert found["Purchases"] == 5
    assert found["Average purchase"] == 3_740
    assert found["Returns"] == -2_000
    assert found["Customers who bought"] == 2
    assert found["Revenue, against a year ago"] == -0.5


def test_month_is_compared_with_the_one_before(shop, admin):
    revenue = sales_of(admin).figures[0]

    assert (revenue.change, revenue.than) == (pytest.approx((18_700 - 8_000) / 8_000), "February 2026")


def test_every_breakdown_adds_up_to_the_same_revenue(shop, admin):
    document = sales_of(admin)

    for title, place in (
        ("Day by day", 2),
        ("Week by week", 2),
        ("Revenue by product", 2),
        ("Revenue by city", 2),
        ("Revenue by person", 2),
    ):
        assert sum(row[place] for row in table(document, title).rows) == 18_700, title


def test_breakdowns_name_what_they_divide_into(shop, admin, owner, colleague):
    document = sales_of(admin)

    assert [row[:3] for row in table(document, "Revenue by product").rows] == [
        ["Chair", 3, 15_000],
        ["Delivery", 2, 3_700],
    ]
    assert [row[:3] for row in table(document, "Revenue by city").rows] == [
        ["Beijing", 2, 15_000],
        ["Shanghai", 2, 3_000],
        ["Not known", 1, 700],
    ]
    assert [row[:3] for row in table(document, "Revenue by person").rows] == [
        [str(owner.user), 2, 15_000],
        [str(colleague.user), 2, 3_000],
        ["Nobody", 1, 700],
    ]
    customers = table(document, "The customers who bought for most").rows
    assert [row[:4] for row in customers] == [["Blue River", "", 2, 15_000], ["Red Hill", "", 2, 3_000]]


def test_each_sees_the_purchases_of_their_own_customers(shop, owner, colleague):
    assert figures(sales_of(owner))["Revenue"] == 15_000
    assert figures(sales_of(colleague))["Revenue"] == 3_000


def test_sums_of_the_tenant_and_of_its_rows_say_the_same(shop, admin, monkeypatch):
    """Whoever sees all gets the sums that the database keeps; they must be what the purchases come to."""
    kept = sales_of(admin)
    monkeypatch.setattr("analytics.reports.asking.Asked.sees_all", lambda asked, model: False)

    counted = sales_of(admin)

    assert figures(kept) == figures(counted)
    assert [one.rows for one in kept.tables] == [one.rows for one in counted.tables]


def test_days_are_those_of_the_tenants_time_zone(in_tenant, admin):
    type(in_tenant).objects.update(time_zone="Asia/Shanghai")
    admin.membership.tenant.refresh_from_db()
    make_transaction(None, in_tenant, at=at(2, 28, 16), amount=1_000)
    make_transaction(None, in_tenant, at=at(3, 31, 16), amount=5_000)

    document = sales_of(admin)

    assert figures(document)["Revenue"] == 1_000
    assert next(row for row in table(document, "Day by day").rows if row[1])[0].isoformat() == "2026-03-01"


def test_other_currencies_are_named_and_left_out(shop, admin):
    rows = dict(table(sales_of(admin), "For checking").rows)

    assert rows["Not in these sums: other currencies"] == "€11.11 (1)"
    assert rows["Purchases counted"] == "5"


def test_won_and_lost_deals_of_the_month(in_tenant, admin, owner):
    pipeline = make_pipeline(in_tenant)
    reason = make_lost_reason(in_tenant)
    usual = {"currency": "USD", "owner": owner.user}
    make_deal(pipeline, "Won", amount=50_000, closed_at=at(3), opened_on=at(2, 28).date(), **usual)
    make_deal(pipeline, "Won", amount=10_000, closed_at=at(2), **usual)
    make_deal(pipeline, "Lost", amount=20_000, closed_at=at(3), lost_reason=reason, **usual)
    make_deal(pipeline, "Engaging", amount=30_000, **usual)

    document = sales_of(admin)

    assert figures(document)["Win rate"] == 0.5
    assert figures(document)["Amount of won deals"] == 50_000
    assert table(document, "By person").rows == [[str(owner.user), 1, 50_000, 1, 20_000, 0.5]]
    assert "10 days" in table(document, "By person").note
    assert table(document, "Why deals were lost").rows == [["Price too high", 1, 1.0, 20_000]]
    assert ["Engaging", 1, 30_000, 0.3, 9_000] in table(document, "Open deals of “Sales”").rows


def test_month_without_sales_is_a_report_too(in_tenant, admin):
    document = sales_of(admin)

    assert figures(document)["Revenue"] == 0
    assert [section.title for section in document.sections] == ["Summary", "Revenue by day", "How this was counted"]


def test_new_customers_of_the_month(shop, admin):
    assert table(sales_of(admin), "By source").total == ["In total", 1, 1.0]


def test_same_number_of_statements_at_one_purchase_and_at_many(shop, admin, django_assert_num_queries):
    with django_assert_num_queries(STATEMENTS):
        sales_of(admin)
    for number in range(5):
        customer = make_customer(shop, name=f"C{number}", created_at=at(3), owner=admin.user)
        make_transaction(customer, shop, at=at(3, 4 + number), city=f"City {number}", name=f"Thing {number}")
    with django_assert_num_queries(STATEMENTS):
        sales_of(admin)


STATEMENTS = 26


@pytest.mark.parametrize("who", ["reader", "stranger"])
def test_who_may_not_ask_is_refused(shop, who, request):
    member = request.getfixturevalue(who)
    if who == "stranger":
        with use_tenant(member.membership.tenant, member.user):
            document = build(ask(find_report("monthly_sales"), member.membership, {"month": "2026-03"}, now=NOW))
        assert figures(document)["Revenue"] == 0
    else:
        with pytest.raises(PermissionDenied):
            sales_of(member)


def test_misspelt_parameter_is_refused(shop, admin):
    with pytest.raises(UnknownReportParameter, match="It has: month"):
        sales_of(admin, monht="2026-03")


def test_bad_month_is_refused_with_an_example(shop, admin):
    with pytest.raises(BadReportParameter, match=r"2026-13.*2026-10"):
        sales_of(admin, month="2026-13")
