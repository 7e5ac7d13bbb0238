"""The dashboard: figures on top, six charts below. Who may not see one of them gets the next in line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import islice

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.charts import Chart
from crm.pages import formats
from crm.tenancy.models import Membership
from service.choices.tickets import TicketStatus

from . import charts, facts
from .facts import By, Months
from .facts.deals import win_rate
from .facts.months import same_day

CHARTS = 6
# Up to so many months tickets are shown by the week.
BY_WEEK = 6


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; `note` is what it is compared with, `tone` a colour where it is good or bad news."""

    label: str
    value: str
    note: str = ""
    url: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    chart: Chart
    url: str = ""


@dataclass
class Dashboard:
    """Everything is read once, and only what somebody asks for."""

    membership: Membership
    months: Months
    today: date
    currency: str = field(init=False)

    def __post_init__(self) -> None:
        self.currency = self.membership.tenant.currency

    @cached_property
    def tiles(self) -> list[Tile]:
        return list(islice((tile for read in _IN_ORDER if (tile := read(self))), CHARTS))

    @cached_property
    def figures(self) -> list[Figure]:
        return list(self._figures())

    # What was read, for charts and figures alike

    @cached_property
    def revenue(self) -> list[facts.RevenueMonth] | None:
        """With as many months before, to compare."""
        both = Months(self.months.before.first, 2 * self.months.count)
        return facts.revenue_by_month(self.membership, both, self.currency, until=self._same_day_before)

    @cached_property
    def pipeline(self) -> facts.PipelineNow | None:
        return facts.pipeline_by_stage(self.membership, self.currency)

    @cached_property
    def closed(self) -> list[facts.ClosedMonth] | None:
        return facts.closed_by_month(self.membership, self.months, self.currency)

    @cached_property
    def customers(self) -> list[facts.NewCustomers] | None:
        return facts.new_customers_by_month(self.membership, self.months)

    @cached_property
    def tickets(self) -> list[facts.TicketSpan] | None:
        return facts.tickets_over_time(self.membership, self.months, self.by)

    @cached_property
    def states(self) -> dict[TicketStatus, int] | None:
        return facts.tickets_by_status(self.membership)

    @property
    def by(self) -> By:
        return By.WEEK if self.months.count <= BY_WEEK else By.MONTH

    @property
    def _same_day_before(self) -> date:
        return same_day(self.today, self.months.count)

    # Figures

    def _figures(self) -> Iterator[Figure]:
        if self.revenue:
            yield self._revenue_figure(self.revenue)
        if self.pipeline and self.pipeline.deal_count:
            yield Figure(
                _("Open deals"),
                formats.short_money(self.pipeline.amount, self.currency),
                _("%(amount)s weighted") % {"amount": formats.short_money(self.pipeline.weighted, self.currency)},
                f"{reverse('sales:board')}?pipeline={self.pipeline.pipeline_id}",
            )
        if self.closed:
            yield self._win_rate_figure(self.closed)
        if self.customers is not None:
            count = sum(one.count for one in self.customers)
            url = f"{reverse('customers:customer_list')}?created_at_from={self.months.first.isoformat()}"
            yield Figure(_("New customers"), formats.number(count), url=url)
        if self.states:
            yield self._tickets_figure(self.states)

    def _revenue_figure(self, revenue: list[facts.RevenueMonth]) -> Figure:
        before, now = revenue[: self.months.count], revenue[self.months.count :]
        amount, earlier = sum(one.amount for one in now), sum(one.so_far for one in before)
        note, tone = "", ""
        if earlier > 0:
            change = (amount - earlier) / earlier
            note = _("%(change)s on the same time before") % {
                "change": ("+" if change > 0 else "") + formats.percent(change)
            }
            tone = "red" if change < 0 else "green"
        url = f"{reverse('sales:transaction_list')}?at_from={self.months.first.isoformat()}"
        return Figure(_("Revenue"), formats.short_money(amount, self.currency), note, url, tone)

    def _win_rate_figure(self, closed: list[facts.ClosedMonth]) -> Figure:
        won, lost = sum(one.won_count for one in closed), sum(one.lost_count for one in closed)
        rate = win_rate(won, lost)
        note = _("%(won)s won, %(lost)s lost") % {"won": formats.number(won), "lost": formats.number(lost)}
        return Figure(_("Win rate"), "–" if rate is None else formats.percent(rate), note)

    def _tickets_figure(self, states: dict[TicketStatus, int]) -> Figure:
        unsolved = sum(count for status, count in states.items() if status < TicketStatus.SOLVED)
        late = facts.overdue_tickets(self.membership, timezone.now())
        note = _("%(count)s overdue") % {"count": late} if late and late.number else ""
        url = f"{reverse('service:ticket_list')}?show=unsolved"
        return Figure(_("Unsolved tickets"), formats.number(unsolved), note, url, "red" if note else "")


# -- the charts, in the order in which they are offered


def _revenue(board: Dashboard) -> Tile | None:
    if board.revenue is None:
        return None
    return Tile(
        charts.revenue_chart(board.revenue[board.months.count :], board.currency), reverse("sales:transaction_list")
    )


def _pipeline(board: Dashboard) -> Tile | None:
    if board.pipeline is None:
        return None
    url = f"{reverse('sales:board')}?pipeline={board.pipeline.pipeline_id}"
    return Tile(charts.pipeline_chart(board.pipeline, board.currency), url)


def _win_rate(board: Dashboard) -> Tile | None:
    return None if board.closed is None else Tile(charts.win_rate_chart(board.closed, board.currency))


def _customers(board: Dashboard) -> Tile | None:
    if board.customers is None:
        return None
    return Tile(charts.new_customers_chart(board.customers), reverse("customers:customer_list"))


def _tickets(board: Dashboard) -> Tile | None:
    if board.tickets is None:
        return None
    return Tile(charts.tickets_chart(board.tickets, board.by), reverse("service:ticket_list"))


def _results(board: Dashboard) -> Tile | None:
    found = facts.results_by_month(board.membership, board.months)
    chart = charts.results_chart(found) if found else None
    # Without results of advertisements the campaigns themselves say more.
    return Tile(chart, reverse("marketing:result_list")) if chart and not chart.is_empty else _campaigns(board)


def _campaigns(board: Dashboard) -> Tile | None:
    found = facts.campaigns_sent(board.membership, board.months)
    return None if found is None else Tile(charts.campaigns_chart(found), reverse("marketing:campaign_list"))


def _ticket_states(board: Dashboard) -> Tile | None:
    if board.states is None:
        return None
    return Tile(charts.ticket_status_chart(board.states), reverse("service:ticket_list"))


def _people(board: Dashboard) -> Tile | None:
    found = facts.won_by_person(board.membership, board.months, board.currency)
    return None if found is None else Tile(charts.won_by_person_chart(found, board.currency))


_IN_ORDER: tuple[Callable[[Dashboard], Tile | None], ...] = (
    _revenue,
    _pipeline,
    _win_rate,
    _customers,
    _tickets,
    _results,
    _ticket_states,
    _people,
)
