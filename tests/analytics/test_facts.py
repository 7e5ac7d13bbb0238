"""What is summed up is what the person may see, in the tenant's months and in one currency."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from analytics import facts
from analytics.facts import By, Months
from analytics.facts.months import same_day
from marketing.choices import Result
from service.choices.tickets import TicketStatus
from service.models import Ticket
from tests.factories import make_customer
from tests.factories.deals import make_deal, make_pipeline
from tests.factories.marketing import make_campaign, make_result, make_segment, make_template
from tests.factories.sales_documents import make_transaction
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db

SPRING = Months(date(2026, 3, 1), 2)
MARCH, APRIL = SPRING


def at(month: int, day: int = 10, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
def pipeline(in_tenant):
    return make_pipeline(in_tenant)


# -- months


def test_months_end_with_the_one_of_the_day():
    assert list(Months.up_to(date(2026, 2, 15), 3)) == [date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1)]
    assert Months.up_to(date(2026, 2, 15), 3).before == Months(date(2025, 9, 1), 3)
    assert Months(date(2025, 11, 1), 2).end == date(2026, 1, 1)


@pytest.mark.parametrize(
    "day, months, expected",
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 3, 15), 12, date(2025, 3, 15)),
    ],
)
def test_same_day_of_an_earlier_month_is_its_last_one_at_most(day, months, expected):
    assert same_day(day, months) == expected


# -- revenue


def test_revenue_is_of_one_currency_month_by_month(in_tenant, analyst):
    make_transaction(None, in_tenant, at=at(3), amount=1_000)
    make_transaction(None, in_tenant, at=at(3, 20), amount=-300)
    make_transaction(None, in_tenant, at=at(3), amount=9_999, currency="EUR")
    make_transaction(None, in_tenant, at=at(5), amount=7)

    march, april = facts.revenue_by_month(analyst.membership, SPRING, "USD", until=date(2026, 3, 15))

    assert march == facts.RevenueMonth(MARCH, 700, -300, 2, so_far=1_000)
    assert april == facts.RevenueMonth(APRIL)


def test_revenue_is_for_those_who_answer_for_it(in_tenant, owner, reader, lead, manager, admin):
    members = (owner, reader, lead, manager, admin)
    found = [facts.revenue_by_month(one.membership, SPRING, "USD") is not None for one in members]

    assert found == [False, False, False, True, True]


# -- deals


def test_closed_deals_are_those_of_the_people_one_sees(pipeline, owner, colleague, manager, admin):
    make_deal(pipeline, "Won", amount=100, owner=owner.user, closed_at=at(3))
    make_deal(pipeline, "Lost", amount=40, owner=owner.user, closed_at=at(3))
    make_deal(pipeline, "Won", amount=10, owner=colleague.user, closed_at=at(3))
    make_deal(pipeline, "Won", amount=1, closed_at=at(4))
    make_deal(pipeline, "Won", amount=5, currency="EUR", owner=owner.user, closed_at=at(4))

    def seen(member):
        return facts.closed_by_month(member.membership, SPRING, "USD")

    mine = [facts.ClosedMonth(MARCH, 1, 1, 100, 40), facts.ClosedMonth(APRIL, 1, 0, 0, 0)]
    # The manager is in the owner's team, the colleague in another one.
    assert seen(owner) == seen(manager) == mine
    assert seen(colleague) == [facts.ClosedMonth(MARCH, 1, 0, 10, 0), facts.ClosedMonth(APRIL)]
    assert seen(admin) == [facts.ClosedMonth(MARCH, 2, 1, 110, 40), facts.ClosedMonth(APRIL, 2, 0, 1, 0)]


def test_win_rate_is_unknown_where_nothing_was_closed():
    assert facts.ClosedMonth(MARCH, 1, 3).win_rate == 0.25
    assert facts.ClosedMonth(MARCH).win_rate is None


def test_pipeline_shows_every_open_stage_with_what_one_sees(pipeline, in_tenant, owner, colleague, admin):
    make_pipeline(in_tenant, "Other", position=5)
    make_deal(pipeline, amount=100, owner=owner.user)
    make_deal(pipeline, amount=50, owner=colleague.user)
    make_deal(pipeline, currency="EUR", amount=9, owner=owner.user)
    make_deal(pipeline, "Won", amount=1_000, owner=owner.user)

    def stages(member):
        found = facts.pipeline_by_stage(member.membership, "USD")
        assert found.name == "Sales"
        return [(one.name, one.deal_count, one.amount, one.weighted) for one in found.stages]

    assert stages(owner) == [("Prospecting", 2, 100, 10), ("Engaging", 0, 0, 0)]
    assert stages(admin) == [("Prospecting", 3, 150, 15), ("Engaging", 0, 0, 0)]


def test_without_a_pipeline_there_is_nothing_to_show(in_tenant, admin):
    assert facts.pipeline_by_stage(admin.membership, "USD") is None


def test_people_who_won_most_stand_first(pipeline, owner, colleague, manager, admin):
    make_deal(pipeline, "Won", amount=100, owner=owner.user, closed_at=at(3))
    make_deal(pipeline, "Won", amount=70, owner=owner.user, closed_at=at(4))
    make_deal(pipeline, "Won", amount=900, owner=colleague.user, closed_at=at(3))
    make_deal(pipeline, "Won", amount=5_000, closed_at=at(3))
    make_deal(pipeline, "Lost", amount=1, owner=manager.user, closed_at=at(3))

    def names(member, **more):
        return [(one.name, one.deal_count, one.amount) for one in facts.won_by_person(member, SPRING, "USD", **more)]

    theirs = (str(colleague.user), 1, 900)
    ours = (str(owner.user), 2, 170)
    assert names(admin.membership) == [theirs, ours]
    assert names(admin.membership, most=1) == [theirs]
    assert names(manager.membership) == [ours]


# -- customers


def test_new_customers_are_those_one_sees(in_tenant, owner, manager, admin):
    make_customer(in_tenant, owner=owner.user, created_at=at(3))
    make_customer(in_tenant, owner=owner.user, created_at=at(4))
    make_customer(in_tenant, created_at=at(4))
    make_customer(in_tenant, owner=owner.user, created_at=at(5))

    found = [facts.new_customers_by_month(one.membership, SPRING) for one in (owner, manager, admin)]

    assert [[one.count for one in some] for some in found] == [[1, 1], [1, 1], [1, 2]]


# -- tickets


@pytest.fixture
def tickets(in_tenant):
    queue = make_queue()
    for when in (at(3, 2), at(3, 8), at(4, 30)):
        make_ticket(queue=queue, now=when)
    late = make_ticket(queue=queue, now=at(3, 9))
    Ticket.objects.filter(pk=late.pk).update(
        first_reply_missed=True, status=TicketStatus.SOLVED, solved_at=at(4, 1), due_at=None
    )


def test_tickets_by_month_say_what_came_in_was_missed_and_solved(tickets, lead):
    march, april = facts.tickets_over_time(lead.membership, SPRING, By.MONTH)

    assert march == facts.TicketSpan(MARCH, 3, 1, 0)
    assert march.kept_count == 2
    assert april == facts.TicketSpan(APRIL, 1, 0, 1)


def test_weeks_begin_on_monday_and_none_is_left_out(tickets, lead):
    weeks = facts.tickets_over_time(lead.membership, SPRING, By.WEEK)

    assert [one.first for one in weeks][:3] == [date(2026, 2, 23), date(2026, 3, 2), date(2026, 3, 9)]
    assert [one.opened_count for one in weeks] == [0, 2, 1, 0, 0, 0, 0, 0, 0, 1]


def test_tickets_by_status_name_each_status(tickets, lead):
    assert facts.tickets_by_status(lead.membership) == dict.fromkeys(TicketStatus, 0) | {
        TicketStatus.NEW: 3,
        TicketStatus.SOLVED: 1,
    }


def test_overdue_tickets_follow_from_the_time_of_day(tickets, lead):
    Ticket.objects.filter(status=TicketStatus.NEW).update(due_at=at(5))

    assert facts.overdue_tickets(lead.membership, at(5, 9)).number == 0
    assert facts.overdue_tickets(lead.membership, at(5, 11)).number == 3


def test_sums_of_all_tickets_are_for_those_who_see_them_all(tickets, owner, manager, lead, analyst, reader):
    members = (owner, manager, lead, analyst, reader)

    assert [facts.tickets_by_status(one.membership) is not None for one in members] == [False, False, True, True, True]
    assert facts.tickets_over_time(manager.membership, SPRING, By.MONTH) is None
    assert facts.overdue_tickets(manager.membership, at(5)) is None


# -- campaigns


def test_campaigns_are_those_begun_in_these_months_in_order(in_tenant, marketer):
    about = {"segment": make_segment(in_tenant), "template": make_template(in_tenant)}
    counts = {"sent_count": 200, "opened_count": 50, "clicked_count": 10}
    for name, when in (("Late", at(4, 20)), ("Early", at(3, 5)), ("Before", at(2)), ("Draft", None)):
        make_campaign(in_tenant, name=name, started_at=when, **about, **counts)

    found = facts.campaigns_sent(marketer.membership, SPRING)

    assert [one.name for one in found] == ["Early", "Late"]
    assert (found[0].open_rate, found[0].click_rate) == (0.25, 0.05)
    assert [one.name for one in facts.campaigns_sent(marketer.membership, SPRING, most=1)] == ["Late"]


def test_results_count_for_those_who_see_all_customers(in_tenant, marketer, owner, manager):
    customer = make_customer(in_tenant)
    make_result(customer, result_on=date(2026, 3, 1))
    make_result(customer, result_on=date(2026, 3, 31), result=Result.FAILURE)
    make_result(customer, result_on=date(2026, 2, 28))

    assert facts.results_by_month(marketer.membership, SPRING) == [
        facts.ResultMonthFigures(MARCH, 1, 1),
        facts.ResultMonthFigures(APRIL),
    ]
    assert facts.results_by_month(owner.membership, SPRING) is None
    assert facts.results_by_month(manager.membership, SPRING) is None
