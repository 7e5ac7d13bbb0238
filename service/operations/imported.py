"""What follows from tickets that an import has written: their number, their log, and what the clock says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from ..choices.tickets import OVER, EventKind, TicketStatus
from ..models import Ticket, TicketEvent
from .clock import CLOCK_FIELDS, save_columns, settle_clock
from .tickets import take_numbers

AT_ONCE = 20_000


@transaction.atomic
def settle_imported(ids: Sequence[int]) -> None:
    """Called with the ids of new and changed tickets, inside the import's transaction."""
    for start in range(0, len(ids), AT_ONCE):
        _settle(ids[start : start + AT_ONCE], timezone.now())


def _settle(ids: Sequence[int], now: datetime) -> None:
    tickets = list(Ticket.objects.filter(pk__in=ids).order_by("pk").annotate(logged=_logged_status()))
    _number([ticket for ticket in tickets if ticket.number is None])
    TicketEvent.objects.bulk_create(
        [event for ticket in tickets for event in _missing_events(ticket, now)], batch_size=5_000
    )
    settle_clock(tickets, now)
    save_columns(tickets, ("number", *CLOCK_FIELDS))


def _logged_status() -> Subquery:
    """The status in which the log leaves a ticket; None: it has no log yet."""
    telling = TicketEvent.objects.filter(
        tenant_id=OuterRef("tenant_id"), ticket_id=OuterRef("pk"), kind__in=[EventKind.CREATED, EventKind.STATUS]
    )
    return Subquery(telling.order_by("-at", "-id").values("after")[:1])


def _number(tickets: Sequence[Ticket]) -> None:
    """In the order of the file, behind the tenant's other tickets."""
    if tickets:
        for ticket, number in zip(tickets, take_numbers(len(tickets)), strict=True):
            ticket.number = number


def _missing_events(ticket: Ticket, now: datetime) -> list[TicketEvent]:
    """What the log lacks to tell of the ticket as the file has it.

    A file that names no moment of the solution says nothing of how long it took: the ticket came in as solved.
    """
    status, logged = ticket.status, getattr(ticket, "logged", None)
    solved = ticket.solved_at if status in OVER else None
    if logged is not None:
        return [] if logged == str(status) else [_status(ticket, solved or now, logged)]
    begun = ticket.created_at
    if solved is None or solved < begun:
        return [*_replied(ticket, begun), _created(ticket, begun, status)]
    first = TicketStatus.OPEN if ticket.assignee_id else TicketStatus.NEW
    return [_created(ticket, begun, first), *_replied(ticket, begun), _status(ticket, solved, str(first.value))]


def _created(ticket: Ticket, at: datetime, status: int) -> TicketEvent:
    return TicketEvent(ticket=ticket, kind=EventKind.CREATED, at=at, after=str(int(status)))


def _status(ticket: Ticket, at: datetime, before: str) -> TicketEvent:
    return TicketEvent(ticket=ticket, kind=EventKind.STATUS, at=at, before=before, after=str(int(ticket.status)))


def _replied(ticket: Ticket, begun: datetime) -> list[TicketEvent]:
    replied = ticket.first_replied_at
    if replied is None or replied < begun:
        return []
    return [TicketEvent(ticket=ticket, kind=EventKind.REPLY, at=replied)]


def forget_log(ids: Sequence[int]) -> Callable[[], None]:
    """Before an import is taken back: the log that it wrote keeps no ticket from going. What stays gets one anew."""
    worked_on = TicketEvent.objects.filter(
        tenant_id=OuterRef("tenant_id"), ticket_id=OuterRef("pk"), actor__isnull=False
    )
    untouched = Ticket.objects.filter(~Exists(worked_on), pk__in=ids, version=1, messages__isnull=True)
    log = TicketEvent.objects.filter(ticket_id__in=list(untouched.values_list("pk", flat=True)))
    log._raw_delete(log.db)
    return lambda: settle_imported(list(Ticket.objects.filter(pk__in=ids).values_list("pk", flat=True)))
