"""Tickets by day and by status, counted anew at night."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import TruncDate

from crm.rollups.comparing import RollUp, big

from .models import Ticket, TicketDay, TicketState


def _by_day(zone: ZoneInfo) -> Sequence[QuerySet]:
    missed = Q(first_reply_missed=True) | Q(resolve_missed=True)
    opened = Ticket.objects.order_by().annotate(day=TruncDate("created_at", tzinfo=zone)).values_list("day", "queue_id")
    solved = Ticket.objects.filter(solved_at__isnull=False).order_by().annotate(day=TruncDate("solved_at", tzinfo=zone))
    return [
        opened.annotate(n0=big(Count("pk")), n1=big(Count("pk", filter=missed)), n2=big(Value(0))),
        solved.values_list("day", "queue_id").annotate(n0=big(Value(0)), n1=big(Value(0)), n2=big(Count("pk"))),
    ]


def _by_status(zone: ZoneInfo) -> Sequence[QuerySet]:
    return [Ticket.objects.order_by().values_list("queue_id", "status").annotate(n0=big(Count("pk")))]


TICKET_DAYS = RollUp(
    TicketDay, key=("day", "queue_id"), sums=("opened_count", "missed_count", "solved_count"), count=_by_day
)
TICKET_STATES = RollUp(TicketState, key=("queue_id", "status"), sums=("ticket_count",), count=_by_status)
