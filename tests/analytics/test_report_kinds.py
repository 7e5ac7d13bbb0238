"""The other reports: what they count, and whose records they are of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils.translation import override

from analytics.reports.asking import ask, build
from analytics.reports.content import Document, Table
from analytics.reports.registry import find_report, reports
from crm.access.roles import Role
from crm.errors import NoPipeline
from crm.tenancy.context import use_tenant
from marketing.choices import Result
from service.choices.tickets import TicketStatus
from service.models import Ticket
from service.operations.tickets import change_tickets, reply_to_ticket
from tests.conftest import sign_in
from tests.factories import make_customer, make_member
from tests.factories.deals import make_deal, make_pipeline
from tests.factories.marketing import make_campaign, make_result, make_segment, make_template
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
MARCH = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


def made(key: str, member, **parameters) -> Document:
    with use_tenant(member.membership.tenant, member.user):
        return build(ask(find_report(key), member.membership, parameters, now=NOW))


def table(document: Document, title: str) -> Table:
    return next(one for one in document.tables if one.title == title)


def figures(document: Document) -> dict:
    return {one.label: one.value for one in document.figures}


# -- pipeline


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


def test_open_deals_by_stage_person_and_month(in_tenant, pipeline, admin, owner, colleague):
    usual = {"currency": "USD", "stage_since": NOW - timedelta(days=3)}
    late, soon = NOW.date() - timedelta(days=30), NOW.date() + timedelta(days=40)
    make_deal(pipeline, "Prospecting", amount=10_000, owner=owner.user, expected_close_on=late, **usual)
    make_deal(pipeline, "Engaging", amount=30_000, owner=owner.user, expected_close_on=soon, **usual)
    make_deal(pipeline, "Engaging", amount=20_000, owner=colleague.user, **usual)
    make_deal(pipeline, "Won", amount=99_000, owner=owner.user, **usual)

    document = made("pipeline", admin)

    assert figures(document) == {
        "Open deals": 3,
        "Amount": 60_000,
        "Weighted by probability": 16_000,
        "Expected to close before today": 1,
        "Their amount": 10_000,
    }
    assert table(document, "By person").rows == [(str(owner.user), 2, 40_000), (str(colleague.user), 1, 20_000)]
    expected = {row[0]: tuple(row[1:]) for row in table(document, "By the month in which deals should close").rows}
    assert expected["Before this month"] == (1, 10_000, 1_000)
    assert expected["May 2026"] == (1, 30_000, 9_000)
    assert expected["No day given"] == (1, 20_000, 6_000)


def test_pipeline_is_of_the_deals_one_sees(pipeline, owner, colleague):
    make_deal(pipeline, amount=10_000, owner=owner.user, currency="USD")
    make_deal(pipeline, amount=20_000, owner=colleague.user, currency="USD")

    assert figures(made("pipeline", owner))["Amount"] == 10_000


def test_deals_that_wait_for_long_are_named(pipeline, admin):
    make_deal(pipeline, name="Stuck", amount=10_000, currency="USD", stage_since=NOW - timedelta(days=61))
    make_deal(pipeline, name="Fresh", amount=10_000, currency="USD", stage_since=NOW - timedelta(days=59))

    rows = table(made("pipeline", admin), "In their stage for more than 60 days").rows

    assert [(row[0], row[5]) for row in rows] == [("Stuck", 61)]


def test_tenant_without_a_pipeline_is_told(in_tenant, admin):
    with pytest.raises(NoPipeline):
        made("pipeline", admin)


# -- service levels


def test_tickets_and_their_promises(in_tenant, admin, owner):
    make_queue(name="Support")
    quick = make_ticket(now=MARCH, assignee=owner.user)
    reply_to_ticket(
        ticket=quick, author=owner.user, text="Done.", status=TicketStatus.SOLVED, now=MARCH + timedelta(hours=1)
    )
    slow = make_ticket(now=MARCH)
    Ticket.objects.filter(pk=slow.pk).update(first_reply_missed=True)
    make_ticket(now=NOW)

    document = made("service_levels", admin, period="2026-03")

    found = figures(document)
    assert (found["Tickets that came in"], found["Solved in the period"], found["Still open today"]) == (2, 1, 2)
    assert (found["First reply in time"], found["Solution in time"]) == (0.5, 1.0)
    assert found["Hours to the first reply, median"] == 1.0
    assert table(document, "By queue").rows == [["Support", 2, 1, 0.5, 1.0, 1.0, 1.0]]
    assert [row[0] for row in table(document, "By person").rows] == ["Nobody", str(owner.user)]


def test_tickets_of_one_queue(in_tenant, admin):
    support, returns = make_queue(name="Support"), make_queue(name="Returns")
    make_ticket(now=MARCH, queue=support)
    make_ticket(now=MARCH, queue=returns)

    document = made("service_levels", admin, period="2026-Q1", queue=str(returns.pk))

    assert figures(document)["Tickets that came in"] == 1
    assert ("Queue", "Returns") in document.about


def test_solved_without_a_word_has_no_first_reply(in_tenant, admin):
    make_queue()
    make_ticket(now=MARCH)
    change_tickets(tickets=Ticket.objects.all(), by=None, status=TicketStatus.SOLVED, now=MARCH + timedelta(hours=5))

    found = figures(made("service_levels", admin, period="2026-03"))

    assert (found["Hours to the first reply, median"], found["Hours to the solution, median"]) == (None, 5.0)


# -- campaigns


def test_campaigns_and_advertisements(in_tenant, admin):
    usual = {"segment": make_segment(in_tenant), "template": make_template(in_tenant)}
    make_campaign(
        in_tenant, name="Spring", started_at=MARCH, sent_count=200, opened_count=50, clicked_count=10, **usual
    )
    make_campaign(in_tenant, name="Later", started_at=NOW, sent_count=7, **usual)
    customer = make_customer(in_tenant)
    make_result(customer, ad="Poster", result=Result.SUCCESS, result_on=MARCH.date())
    make_result(customer, ad="Poster", result=Result.FAILURE, result_on=MARCH.date())
    make_result(customer, ad="Poster", result=Result.SUCCESS, result_on=NOW.date())

    document = made("campaigns", admin, period="2026-03")

    assert figures(document) == {
        "Campaigns sent": 1,
        "Mails sent": 200,
        "Opened by": 0.25,
        "Clicked by": 0.05,
        "Unsubscribed by": 0.0,
    }
    assert table(document, "Results by advertisement").rows == [["Poster", 2, 1, 0.5]]


# -- customers


def test_customer_list_has_the_customers_one_sees(in_tenant, admin, manager, owner, colleague):
    make_customer(in_tenant, name="Blue River", owner=owner.user, stage="active")
    make_customer(in_tenant, name="Red Hill", owner=colleague.user, stage="prospect")

    assert figures(made("customer_list", admin))["Customers"] == 2
    assert [row[0] for row in table(made("customer_list", admin, stage="active"), "Customers").rows] == ["Blue River"]
    assert [row[0] for row in table(made("customer_list", manager), "Customers").rows] == ["Blue River"]


def test_files_of_the_customer_list_have_all_rows(in_tenant, admin, monkeypatch):
    monkeypatch.setattr("analytics.reports.builders.customer_list.MOST_ON_PAPER", 2)
    for number in range(3):
        make_customer(in_tenant, name=f"Customer {number}")

    listed = table(made("customer_list", admin), "Customers")

    assert (len(list(listed.rows)), len(list(listed.for_file().rows))) == (2, 3)
    assert listed.note == "1 more are in the file for Excel and in the CSV."


# -- all


def test_reports_of_this_stage_are_there():
    assert {*reports()} >= {"monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"}


@pytest.mark.parametrize("key", ["monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"])
def test_reports_are_open_to_those_whose_work_they_are(tenant, key):
    open_to = {
        role for role in Role if find_report(key).is_open_to(make_member(tenant, f"{role}-{key}@acme.example", role))
    }

    leading = {Role.ADMIN, Role.ANALYST, Role.SALES_MANAGER}
    expected = {
        "monthly_sales": leading | {Role.SALES},
        "pipeline": leading | {Role.SALES},
        "service_levels": leading | {Role.SUPPORT_LEAD, Role.SUPPORT},
        "campaigns": leading | {Role.MARKETER},
        "customer_list": leading | {Role.MARKETER},
    }
    assert open_to == expected[key]


def test_reader_has_no_reports(in_tenant, tenant):
    reader = sign_in(make_member(tenant, "only-reads@acme.example", Role.READER))

    assert reader.get("analytics/reports/").status_code == 403
