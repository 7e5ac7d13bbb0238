"""The dashboard: who gets it, what stands on it, and in how few statements."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.access.roles import Role
from crm.tenancy.context import use_tenant
from tests.conftest import sign_in
from tests.factories import make_customer, make_member
from tests.factories.deals import make_deal, make_pipeline
from tests.factories.marketing import make_campaign, make_result
from tests.factories.sales_documents import make_transaction
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db

PAGE = "analytics/dashboards/"
# Session, person, membership and the tenant's beginning are four of them.
QUERIES = 12


@pytest.fixture
def business(in_tenant):
    """A little of everything, now."""
    fill(in_tenant)


def fill(tenant, name: str = "Blue River Ltd"):
    pipeline = tenant.pipelines.first() or make_pipeline(tenant)
    customer = make_customer(tenant, name=name)
    make_deal(pipeline, amount=70_000_00, customer=customer)
    make_deal(pipeline, "Won", amount=50_000_00, customer=customer)
    make_deal(pipeline, "Lost", customer=customer)
    make_transaction(customer, tenant, amount=1_234_00)
    make_ticket(queue=tenant.queues.first() or make_queue(), customer=customer)
    make_result(customer)


def titles(member, query: str = "") -> list[str]:
    page = member.get(PAGE + query).content.decode()
    return re.findall(r'<h2 class="gx-card-title" id="chart-\d">([^<]*)</h2>', page)


def figures(page: str) -> dict[str, str]:
    found = re.findall(r"<dt>(?:<a[^>]*>)?([^<]*)(?:</a>)?</dt>\s*<dd>([^<]*)", page)
    return {label: value.strip() for label, value in found}


SIX = [
    "Revenue by month",
    "Open deals by stage",
    "Win rate",
    "New customers",
    "Tickets and their targets",
    "Campaign results",
]


def test_dashboard_is_for_those_who_look_over_others_work(business, tenant, manager, admin, owner, reader, lead):
    analyst = sign_in(make_member(tenant, "analyst@acme.example", Role.ANALYST))

    found = [member.get(PAGE).status_code for member in (manager, admin, analyst, lead, owner, reader)]

    assert found == [200, 200, 200, 200, 403, 403]


def test_whoever_sees_all_gets_the_six_charts(business, admin, analyst):
    assert titles(admin) == titles(analyst) == SIX


def test_what_one_may_not_see_makes_room_for_the_next(business, manager, lead):
    assert titles(manager) == [*SIX[:4], "Opened and clicked by campaign", "Won by person"]
    assert titles(lead) == [*SIX[1:], "Unsolved tickets by status"]


def test_figures_say_how_things_stand(business, admin):
    page = admin.get(PAGE).content.decode()

    assert figures(page) == {
        "Revenue": "$1,234",
        "Open deals": "$70,000",
        "Win rate": "50%",
        "New customers": "1",
        "Unsolved tickets": "1",
    }


def test_revenue_is_compared_with_the_same_time_before(in_tenant, admin):
    now = timezone.now()
    make_transaction(None, in_tenant, amount=150_00, at=now - timedelta(hours=1))
    make_transaction(None, in_tenant, amount=100_00, at=now - timedelta(days=400))

    assert "+50% on the same time before" in admin.get(PAGE).content.decode()


def test_chart_is_in_the_page_as_data_and_as_a_table(business, admin):
    page = admin.get(PAGE).content.decode()
    described = [json.loads(one) for one in re.findall(r'<script type="application/json">(.*?)</script>', page, re.S)]

    assert len(described) == 6
    assert page.count("data-drawing") == 6
    assert "$1,234.00" in page
    assert [value["y"] for value in described[0]["data"]["values"]][-1] == 1_234.0


def test_without_anything_yet_it_says_so(in_tenant, admin):
    page = admin.get(PAGE).content.decode()

    assert "Nothing to show for this time." in page
    assert "application/json" not in page


@pytest.mark.parametrize("months", [3, 6, 12, 24])
def test_the_time_is_chosen_in_the_address(business, admin, months):
    page = admin.get(f"{PAGE}?months={months}").content.decode()

    assert f'href="?months={months}" aria-current="true"' in page
    rows = json.loads(re.search(r'<script type="application/json">(.*?)</script>', page, re.S)[1])["data"]["values"]
    assert len(rows) == months


@pytest.mark.parametrize("query, status", [("?months=5", 404), ("?months=x", 404), ("?month=3", 400)])
def test_another_time_is_refused(in_tenant, admin, query, status):
    assert admin.get(PAGE + query).status_code == status


def test_another_tenants_business_is_not_in_it(business, other_tenant, stranger, admin):
    with use_tenant(other_tenant):
        fill(other_tenant, "赤水贸易")
        make_transaction(None, other_tenant, amount=9_999_999_00)
        make_campaign(other_tenant, name="赤水大促", started_at=timezone.now(), sent_count=5, opened_count=5)

    page = admin.get(PAGE).content.decode()

    assert figures(page)["Revenue"] == "$1,234"
    assert "赤水" not in page
    assert figures(stranger.get(PAGE).content.decode())["Revenue"] != "$1,234"


def test_a_small_team_is_counted_alone(business, in_tenant, owner, manager, colleague):
    pipeline = in_tenant.pipelines.get()
    make_deal(pipeline, "Won", amount=1_00, owner=owner.user)
    make_deal(pipeline, "Lost", amount=1_00, owner=colleague.user)

    assert figures(manager.get(PAGE).content.decode())["Win rate"] == "100%"


@pytest.mark.parametrize("rows", [1, 3])
def test_dashboard_states_the_same_few_queries(
    in_tenant, admin, manager, lead, rows, django_assert_max_num_queries, django_assert_num_queries
):
    for number in range(rows):
        fill(in_tenant, name=str(number))
    for member in (admin, manager, lead):
        member.get(PAGE)

    with django_assert_num_queries(QUERIES):
        admin.get(PAGE)
    for member in (manager, lead):
        with django_assert_max_num_queries(12):
            member.get(PAGE)
