"""What the clock says, stored on tickets: after a change, when a target is missed, and when the rules are others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from crm.imports.batch import BatchWriter
from crm.tenancy.fields import column_of

from ..choices.tickets import EventKind, SlaTarget, TicketPriority
from ..models import Queue, SlaPolicy, SpecialDay, Ticket, TicketEvent
from ..querysets.tickets import TicketQuerySet
from ..sla import TELLING, Happening, Line, Promise, SlaState, sla_state
from ..working_time import Calendar, calendar_of

CLOCK_FIELDS = (
    "first_replied_at",
    "solved_at",
    "closed_at",
    "due_at",
    "first_reply_due_at",
    "resolve_due_at",
    "next_miss_at",
    "first_reply_missed",
    "resolve_missed",
)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Rules:
    """What a queue goes by."""

    calendar: Calendar
    policy: SlaPolicy | None

    def promise(self, priority: int) -> Promise:
        if self.policy is None:
            return Promise()
        chosen = TicketPriority(priority)
        return Promise(*(_duration(self.policy.minutes(chosen, target)) for target in SlaTarget))

    def state(self, events: Iterable[Happening], priority: int, now: datetime) -> SlaState:
        return sla_state(events, self.promise(priority), self.calendar, now)


def _duration(minutes: int | None) -> timedelta | None:
    return None if minutes is None else timedelta(minutes=minutes)


def rules_of(queues: Iterable[Queue]) -> Mapping[int, Rules]:
    """{queue id: its rules}, for queues read with `with_rules()`. One statement, for the special days."""
    known = {queue.pk: queue for queue in queues}
    special: dict[int, dict[date, str]] = defaultdict(dict)
    days = SpecialDay.objects.filter(calendar_id__in={queue.calendar_id for queue in known.values()})
    # Of two that overlap, the one entered last counts.
    for one in days.order_by("id"):
        for number in range((one.last_on - one.first_on).days + 1):
            special[one.calendar_id][one.first_on + timedelta(days=number)] = one.hours
    calendars = {
        queue.calendar_id: calendar_of(queue.calendar.time_zone, queue.calendar.week, special[queue.calendar_id])
        for queue in known.values()
    }
    return {pk: Rules(calendars[queue.calendar_id], queue.policy) for pk, queue in known.items()}


def settle_clock(tickets: Sequence[Ticket], now: datetime, rules: Mapping[int, Rules] | None = None) -> None:
    """Compute the clock fields of tickets from their events; saving them is the caller's. Two statements at most."""
    rules = rules or rules_of(Queue.objects.with_rules().filter(pk__in={ticket.queue_id for ticket in tickets}))
    log: dict[int, list[Line]] = defaultdict(list)
    events = TicketEvent.objects.filter(ticket_id__in=[ticket.pk for ticket in tickets], kind__in=TELLING)
    # Not as records: with twenty thousand tickets of an import that took longer than the computing.
    for pk, kind, at, after in events.order_by("at", "id").values_list("ticket_id", "kind", "at", "after"):
        log[pk].append(Line(kind, at, after))
    for ticket in tickets:
        apply_state(ticket, rules[ticket.queue_id].state(log[ticket.pk], ticket.priority, now))


def apply_state(ticket: Ticket, state: SlaState) -> None:
    ticket.first_replied_at, ticket.solved_at, ticket.closed_at = (
        state.first_replied_at,
        state.solved_at,
        state.closed_at,
    )
    ticket.due_at, ticket.next_miss_at = state.due_at, state.next_miss_at
    ticket.first_reply_due_at, ticket.resolve_due_at = state.first_reply.due_at, state.resolve.due_at
    ticket.first_reply_missed = state.first_reply.missed_at is not None
    ticket.resolve_missed = state.resolve.missed_at is not None


def mark_missed(*, now: datetime | None = None) -> int:
    """Mark the tickets of the tenant of which a target has passed; returns how many. The clock ticks every minute."""
    now, marked = now or timezone.now(), 0
    while batch := _mark_batch(now):
        marked += batch
    return marked


@transaction.atomic
def _mark_batch(now: datetime) -> int:
    # Whoever is working on a ticket settles its clock with the change; it is not waited for.
    due = Ticket.objects.filter(next_miss_at__lt=now).order_by("next_miss_at", "id")
    tickets = list(due.select_for_update(skip_locked=True)[:BATCH])
    if not tickets:
        return 0
    before = {ticket.pk: (ticket.first_reply_missed, ticket.resolve_missed) for ticket in tickets}
    due_by = {ticket.pk: (ticket.first_reply_due_at, ticket.resolve_due_at) for ticket in tickets}
    settle_clock(tickets, now)
    TicketEvent.objects.bulk_create(
        TicketEvent(ticket=ticket, kind=EventKind.MISSED, at=due_at or now, after=target.value)
        for ticket in tickets
        for target, was, is_missed, due_at in zip(
            SlaTarget,
            before[ticket.pk],
            (ticket.first_reply_missed, ticket.resolve_missed),
            due_by[ticket.pk],
            strict=True,
        )
        if is_missed and not was
    )
    save_clock(tickets)
    return len(tickets)


def save_clock(tickets: Sequence[Ticket]) -> None:
    """Only what the clock says: nobody's form is out of date because a minute has passed."""
    save_columns(tickets, CLOCK_FIELDS)


def save_columns(tickets: Sequence[Ticket], names: Sequence[str]) -> None:
    columns = [column_of(Ticket, name) for name in names]
    rows = ((ticket.pk, *(getattr(ticket, column) for column in columns)) for ticket in tickets)
    BatchWriter().update(Ticket, names, rows)


@transaction.atomic
def settle_batch(*, queue_ids: Sequence[int], after: int, whole: bool, now: datetime | None = None) -> tuple[int, int]:
    """Compute the clocks of some tickets of these queues anew; returns how many, and the last id, for the next call.

    Unsolved ones, or all: a holiday that was forgotten changes what was missed last year.
    """
    rows = tickets_of(queue_ids, whole=whole).filter(pk__gt=after)
    tickets = list(rows.order_by("pk").select_for_update()[:BATCH])
    if not tickets:
        return 0, after
    settle_clock(tickets, now or timezone.now())
    save_clock(tickets)
    return len(tickets), tickets[-1].pk


def tickets_of(queue_ids: Sequence[int], *, whole: bool) -> TicketQuerySet:
    rows: TicketQuerySet = Ticket.objects.filter(queue_id__in=queue_ids)
    return rows if whole else rows.unsolved()
