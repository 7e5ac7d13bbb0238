from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from django.db.models import Sum
from django.db.models.functions import TruncMonth, TruncWeek

from crm.access.policy import visible
from crm.pages.counts import Count, capped_count
from crm.tenancy.models import Membership
from service.choices.tickets import TicketStatus
from service.models import Ticket, TicketDay, TicketState

from .months import Months
from .reach import sees_all


class By(Enum):
    """Weeks begin on Monday."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class TicketSpan:
    """The tickets that came in within a week or month: of how many a target was missed; and what was solved then."""

    first: date
    opened_count: int = 0
    missed_count: int = 0
    solved_count: int = 0

    @property
    def kept_count(self) -> int:
        return self.opened_count - self.missed_count


def tickets_over_time(membership: Membership, months: Months, by: By) -> list[TicketSpan] | None:
    """The first week may have begun in the month before: then with those of its days that are in these months."""
    if not sees_all(membership, Ticket):
        return None
    start = TruncWeek("day") if by == By.WEEK else TruncMonth("day")
    rows = (
        TicketDay.objects.filter(day__gte=months.first, day__lt=months.end)
        .order_by()
        .annotate(first=start)
        .values("first")
        .annotate(opened=Sum("opened_count"), missed=Sum("missed_count"), solved=Sum("solved_count"))
    )
    found = {row["first"]: TicketSpan(row["first"], row["opened"], row["missed"], row["solved"]) for row in rows}
    starts = _weeks(months) if by == By.WEEK else iter(months)
    return [found.get(first) or TicketSpan(first) for first in starts]


def _weeks(months: Months) -> Iterator[date]:
    week = months.first - timedelta(days=months.first.weekday())
    while week < months.end:
        yield week
        week += timedelta(days=7)


def tickets_by_status(membership: Membership) -> dict[TicketStatus, int] | None:
    """How many tickets there are now, for each status."""
    if not sees_all(membership, Ticket):
        return None
    rows = TicketState.objects.order_by().values_list("status").annotate(n=Sum("ticket_count"))
    found = dict(rows)
    return {status: found.get(status, 0) for status in TicketStatus}


def overdue_tickets(membership: Membership, at: datetime) -> Count | None:
    """Counted as lists count, since what is overdue follows from the time of day."""
    if not sees_all(membership, Ticket):
        return None
    return capped_count(visible(membership, Ticket).overdue(at))  # type: ignore[attr-defined]  # its own queryset
