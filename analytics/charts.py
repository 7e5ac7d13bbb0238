"""Facts as charts: the same on the dashboard and in documents."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from crm.charts import Chart, Field, Format, Kind, Tone
from service.choices.tickets import TicketStatus

from .facts import (
    By,
    CampaignFigures,
    ClosedMonth,
    NewCustomers,
    PersonWon,
    PipelineNow,
    ResultMonthFigures,
    RevenueMonth,
    TicketSpan,
)


def _month() -> Field:
    return Field("month", _("Month"), Format.MONTH)


def revenue_chart(months: Sequence[RevenueMonth], currency: str) -> Chart:
    return Chart(
        Kind.BAR,
        _("Revenue by month"),
        rows=[
            {
                "month": one.month,
                "amount": one.amount,
                "returned": one.returned_amount,
                "count": one.transaction_count,
            }
            for one in months
        ],
        x=_month(),
        values=[
            Field("amount", _("Revenue"), Format.MONEY),
            Field("returned", _("Returns"), Format.MONEY, is_drawn=False),
            Field("count", _("Purchases"), is_drawn=False),
        ],
        currency=currency,
    )


def pipeline_chart(pipeline: PipelineNow, currency: str) -> Chart:
    return Chart(
        Kind.BAR,
        _("Open deals by stage"),
        rows=[
            {"stage": one.name, "amount": one.amount, "count": one.deal_count, "weighted": one.weighted}
            for one in pipeline.stages
        ],
        x=Field("stage", _("Stage"), Format.TEXT),
        values=[
            Field("amount", _("Amount"), Format.MONEY),
            Field("weighted", _("Weighted by probability"), Format.MONEY, is_drawn=False),
            Field("count", _("Deals"), is_drawn=False),
        ],
        currency=currency,
        is_lying=True,
    )


def win_rate_chart(months: Sequence[ClosedMonth], currency: str) -> Chart:
    return Chart(
        Kind.LINE,
        _("Win rate"),
        rows=[
            {
                "month": one.month,
                "rate": one.win_rate,
                "won": one.won_count,
                "lost": one.lost_count,
                "amount": one.won_amount,
            }
            for one in months
        ],
        x=_month(),
        values=[
            Field("rate", _("Win rate"), Format.PERCENT),
            Field("won", pgettext("deal", "Won"), is_drawn=False),
            Field("lost", pgettext("deal", "Lost"), is_drawn=False),
            Field("amount", _("Won amount"), Format.MONEY, is_drawn=False),
        ],
        currency=currency,
    )


def closed_chart(months: Sequence[ClosedMonth]) -> Chart:
    return Chart(
        Kind.STACKED,
        _("Won and lost deals"),
        rows=[{"month": one.month, "won": one.won_count, "lost": one.lost_count} for one in months],
        x=_month(),
        values=[
            Field("won", pgettext("deal", "Won"), tone=Tone.GOOD),
            Field("lost", pgettext("deal", "Lost"), tone=Tone.BAD),
        ],
    )


def won_by_person_chart(people: Sequence[PersonWon], currency: str) -> Chart:
    return Chart(
        Kind.BAR,
        _("Won by person"),
        rows=[{"person": one.name, "amount": one.amount, "count": one.deal_count} for one in people],
        x=Field("person", _("Owner"), Format.TEXT),
        values=[Field("amount", _("Won amount"), Format.MONEY), Field("count", _("Deals"), is_drawn=False)],
        currency=currency,
        is_lying=True,
    )


def new_customers_chart(months: Sequence[NewCustomers]) -> Chart:
    return Chart(
        Kind.BAR,
        _("New customers"),
        rows=[{"month": one.month, "count": one.count} for one in months],
        x=_month(),
        values=[Field("count", _("New customers"))],
    )


def tickets_chart(spans: Sequence[TicketSpan], by: By) -> Chart:
    """What came in, by whether its targets were kept: so far, for what is still open."""
    return Chart(
        Kind.STACKED,
        _("Tickets and their targets"),
        rows=[
            {"first": one.first, "kept": one.kept_count, "missed": one.missed_count, "solved": one.solved_count}
            for one in spans
        ],
        x=Field("first", _("Week") if by == By.WEEK else _("Month"), Format(by.value)),
        values=[
            Field("kept", _("Targets kept"), tone=Tone.GOOD),
            Field("missed", _("Missed targets"), tone=Tone.BAD),
            Field("solved", _("Solved in this time"), is_drawn=False),
        ],
    )


def ticket_status_chart(tickets: dict[TicketStatus, int]) -> Chart:
    """Of what is still to be done: what is solved or closed would leave the rest too thin to see."""
    return Chart(
        Kind.DONUT,
        _("Unsolved tickets by status"),
        rows=[
            {"status": str(status.label), "count": count}
            for status, count in tickets.items()
            if status < TicketStatus.SOLVED
        ],
        x=Field("status", _("Status"), Format.TEXT),
        values=[Field("count", _("Tickets"))],
    )


def results_chart(months: Sequence[ResultMonthFigures]) -> Chart:
    return Chart(
        Kind.STACKED,
        _("Campaign results"),
        rows=[{"month": one.month, "good": one.success_count, "bad": one.failure_count} for one in months],
        x=_month(),
        values=[
            Field("good", _("Success"), tone=Tone.GOOD),
            Field("bad", _("Failure"), tone=Tone.QUIET),
        ],
    )


def campaigns_chart(campaigns: Sequence[CampaignFigures]) -> Chart:
    return Chart(
        Kind.BAR,
        _("Opened and clicked by campaign"),
        rows=[
            {
                "name": one.name,
                "opened": one.open_rate,
                "clicked": one.click_rate,
                "sent": one.sent_count,
                "unsubscribed": one.unsubscribed_count,
            }
            for one in campaigns
        ],
        x=Field("name", _("Campaign"), Format.TEXT),
        values=[
            Field("opened", pgettext("how many", "Opened"), Format.PERCENT),
            Field("clicked", pgettext("how many", "Clicked"), Format.PERCENT),
            Field("sent", pgettext("how many", "Sent"), is_drawn=False),
            Field("unsubscribed", pgettext("how many", "Unsubscribed"), is_drawn=False),
        ],
        is_lying=True,
    )
