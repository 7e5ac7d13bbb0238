"""Changes to tickets. Each is one transaction, is called inside the tenant, and leaves its line in the ticket's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import NothingToDo
from crm.search.index import touch_entries
from crm.tenancy.context import current_tenant_id
from crm.tenancy.deletion import delete_set

from ..attachments import NewFile, attach
from ..choices.tickets import OVER, EventKind, MessageKind, TicketChannel, TicketPriority, TicketStatus
from ..models import Queue, Ticket, TicketCounter, TicketEvent, TicketMessage, TicketSearch
from .clock import CLOCK_FIELDS, save_columns, settle_clock
from .outgoing import hand_over


class Unchanged:
    """Stands for "leave it as it is" where None is a value."""


UNCHANGED: Final = Unchanged()


@dataclass
class Changes:
    """What a change writes: the log's lines, and the columns of the tickets it touches."""

    by: User | None
    now: datetime
    events: list[TicketEvent] = field(default_factory=list)
    tickets: dict[int, Ticket] = field(default_factory=dict)

    def note(self, ticket: Ticket, kind: EventKind, before: Any = "", after: Any = "", message=None) -> None:
        self.events.append(
            TicketEvent(
                ticket=ticket,
                kind=kind,
                at=self.now,
                actor=self.by,
                before=_text(before),
                after=_text(after),
                message=message,
            )
        )
        self.tickets[ticket.pk] = ticket

    def set(self, ticket: Ticket, kind: EventKind, name: str, value: Any) -> bool:
        """Give a field another value, and say so in the log. Whether there was something to change."""
        before = getattr(ticket, name)
        if before == value:
            return False
        setattr(ticket, name, value)
        self.note(ticket, kind, before, value)
        return True

    def write(self) -> None:
        TicketEvent.objects.bulk_create(self.events)
        tickets = list(self.tickets.values())
        settle_clock(tickets, self.now)
        for ticket in tickets:
            ticket.version += 1
            ticket.updated_at = self.now
        _save(tickets)


_WRITTEN = ("status", "priority", "queue", "assignee", *CLOCK_FIELDS, "version", "updated_at")


def _save(tickets: Sequence[Ticket]) -> None:
    if len(tickets) == 1:
        tickets[0].save(update_fields=_WRITTEN)
    else:
        save_columns(tickets, _WRITTEN)
        touch_entries(TicketSearch, [ticket.pk for ticket in tickets], tickets[0].updated_at)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value.pk) if hasattr(value, "pk") else str(int(value)) if isinstance(value, int) else str(value)


# -- a ticket and its messages


@transaction.atomic
def open_ticket(
    *,
    ticket: Ticket,
    text: str,
    by: User | None = None,
    html: str = "",
    sender_name: str = "",
    sender_email: str = "",
    message_id: str = "",
    files: Sequence[NewFile] = (),
    now: datetime | None = None,
) -> TicketMessage:
    """Take in a new ticket (not saved yet) with the customer's first message; `by` is whoever took it down.

    Without a queue it goes to the default one. Returns the message, whose `ticket` has its number.
    """
    now = now or timezone.now()
    ticket.created_by, ticket.created_at, ticket.updated_at = by, now, now
    ticket.sender_name, ticket.sender_email = ticket.sender_name or sender_name, ticket.sender_email or sender_email
    if ticket.queue_id is None:
        ticket.queue = default_queue()
    if ticket.assignee_id is not None and ticket.status == TicketStatus.NEW:
        ticket.status = TicketStatus.OPEN
    (ticket.number,) = take_numbers(1)
    ticket.save()
    message = _message(
        ticket,
        MessageKind.INBOUND,
        text=text,
        html=html,
        author=by,
        sender_name=sender_name,
        sender_email=sender_email,
        channel=ticket.channel,
        message_id=message_id,
        at=now,
    )
    attach(message=message, files=files, user=by)
    changes = Changes(by, now)
    changes.note(ticket, EventKind.CREATED, after=ticket.status, message=message)
    TicketEvent.objects.bulk_create(changes.events)
    settle_clock([ticket], now)
    ticket.save(update_fields=CLOCK_FIELDS)
    return message


@transaction.atomic
def receive_message(
    *,
    ticket: Ticket,
    text: str,
    html: str = "",
    sender_name: str = "",
    sender_email: str = "",
    channel: TicketChannel,
    message_id: str = "",
    reopens: bool = True,
    files: Sequence[NewFile] = (),
    by: User | None = None,
    now: datetime | None = None,
) -> TicketMessage:
    """Add what the customer wrote. A ticket that waits, or was solved or closed, is open again.

    Unless `reopens` says no, as for an answer that a machine gave.
    """
    changes = Changes(by, now or timezone.now())
    ticket = locked(ticket)
    message = _message(
        ticket,
        MessageKind.INBOUND,
        text=text,
        html=html,
        author=by,
        sender_name=sender_name,
        sender_email=sender_email,
        channel=channel,
        message_id=message_id,
        at=changes.now,
    )
    attach(message=message, files=files, user=by)
    changes.note(ticket, EventKind.INBOUND, message=message)
    if reopens and ticket.status != TicketStatus.NEW:
        changes.set(ticket, EventKind.STATUS, "status", TicketStatus.OPEN)
    changes.write()
    return message


@transaction.atomic
def reply_to_ticket(
    *,
    ticket: Ticket,
    author: User,
    text: str,
    status: TicketStatus = TicketStatus.PENDING,
    files: Sequence[NewFile] = (),
    now: datetime | None = None,
) -> TicketMessage:
    """Answer the customer, and say how the ticket stands from then on. Whoever answers first gets the ticket.

    The reply is handed to those who carry it out (outgoing.py); it leaves when this is committed.
    """
    changes = Changes(author, now or timezone.now())
    ticket = locked(ticket)
    message = _message(ticket, MessageKind.REPLY, text=text, author=author, at=changes.now)
    attach(message=message, files=files, user=author)
    changes.note(ticket, EventKind.REPLY, message=message)
    if ticket.assignee_id is None:
        changes.set(ticket, EventKind.ASSIGNEE, "assignee", author)
    changes.set(ticket, EventKind.STATUS, "status", status)
    changes.write()
    hand_over(message)
    return message


@transaction.atomic
def add_note(
    *,
    ticket: Ticket,
    author: User | None,
    text: str,
    files: Sequence[NewFile] = (),
    reopens: bool = False,
    now: datetime | None = None,
) -> TicketMessage:
    """Say something that only members see. Nobody is its author when the product itself has to say something.

    `reopens`: somebody has to look at the ticket because of it.
    """
    changes = Changes(author, now or timezone.now())
    ticket = locked(ticket)
    message = _message(ticket, MessageKind.NOTE, text=text, author=author, at=changes.now)
    attach(message=message, files=files, user=author)
    changes.note(ticket, EventKind.NOTE, message=message)
    if reopens and ticket.status != TicketStatus.NEW:
        changes.set(ticket, EventKind.STATUS, "status", TicketStatus.OPEN)
    changes.write()
    return message


def _message(ticket: Ticket, kind: MessageKind, **values: Any) -> TicketMessage:
    message = TicketMessage(ticket=ticket, kind=kind, **values)
    message.save()
    return message


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now. The lock comes first: two people may work on it at once."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related("customer", "contact", "assignee")
    return rows.get(pk=ticket.pk)


# -- one ticket or many


@transaction.atomic
def change_tickets(
    *,
    tickets: QuerySet[Ticket],
    by: User | None,
    status: TicketStatus | None = None,
    priority: TicketPriority | None = None,
    queue: Queue | None = None,
    assignee: User | Unchanged | None = UNCHANGED,
    now: datetime | None = None,
) -> int:
    """Give tickets (some hundreds at most) another status, priority, queue or assignee; returns how many changed.

    A new ticket that gets an assignee is open: somebody is at it.
    """
    changes = Changes(by, now or timezone.now())
    rows = tickets.order_by("pk").select_for_update(of=("self",)).select_related("assignee", "queue")
    for ticket in rows:
        if not isinstance(assignee, Unchanged):
            is_other = changes.set(ticket, EventKind.ASSIGNEE, "assignee", assignee)
            if is_other and assignee is not None and ticket.status == TicketStatus.NEW and status is None:
                changes.set(ticket, EventKind.STATUS, "status", TicketStatus.OPEN)
        if queue is not None:
            changes.set(ticket, EventKind.QUEUE, "queue", queue)
        if priority is not None:
            changes.set(ticket, EventKind.PRIORITY, "priority", priority)
        if status is not None:
            changes.set(ticket, EventKind.STATUS, "status", status)
    if changes.events:
        changes.write()
    return len(changes.tickets)


def change_ticket(*, ticket: Ticket, by: User | None, **values: Any) -> None:
    """The same for one ticket. Raises NothingToDo when somebody was faster and it is so already."""
    if not change_tickets(tickets=Ticket.objects.filter(pk=ticket.pk), by=by, **values):
        raise NothingToDo


@transaction.atomic
def save_ticket(*, ticket: Ticket, by: User) -> Ticket:
    """Save what the form of a ticket has filled in: its subject and whose it is; queue and priority go into the log."""
    before = Ticket.objects.select_related("queue").get(pk=ticket.pk)
    queue, priority = ticket.queue, ticket.priority
    ticket.queue, ticket.priority = before.queue, before.priority
    changes = Changes(by, timezone.now())
    changes.tickets[ticket.pk] = ticket
    ticket.save(
        update_fields=["subject", "customer", "contact", "sender_name", "sender_email", "external_id", "channel"]
    )
    changes.set(ticket, EventKind.QUEUE, "queue", queue)
    changes.set(ticket, EventKind.PRIORITY, "priority", TicketPriority(priority))
    changes.write()
    return ticket


@transaction.atomic
def delete_tickets(*, tickets: QuerySet[Ticket]) -> int:
    """Delete tickets with all that was said, which the database takes along. Mails that came in stay as they came."""
    return delete_set(tickets)


def close_solved(*, now: datetime | None = None) -> int:
    """Close what has been solved for as long as its queue says; returns how many."""
    now, closed = now or timezone.now(), 0
    with transaction.atomic():
        queues = list(Queue.objects.filter(close_after_days__isnull=False))
    for queue in queues:
        assert queue.close_after_days is not None
        ripe = Ticket.objects.filter(
            queue=queue, status=TicketStatus.SOLVED, solved_at__lt=now - timedelta(days=queue.close_after_days)
        )
        while True:
            with transaction.atomic():
                batch = list(ripe.order_by("solved_at", "id").values_list("pk", flat=True)[:500])
                if not batch:
                    break
                closed += change_tickets(
                    tickets=Ticket.objects.filter(pk__in=batch), by=None, status=TicketStatus.CLOSED, now=now
                )
    return closed


# -- numbers and queues


def take_numbers(count: int) -> range:
    """The tenant's next ticket numbers. Others who want some wait until this transaction ends."""
    if not TicketCounter.objects.update(last_number=F("last_number") + count):
        # The first one of the tenant. Whoever was faster has made the row, and both go on from it.
        TicketCounter.objects.bulk_create([TicketCounter()], ignore_conflicts=True)
        TicketCounter.objects.update(last_number=F("last_number") + count)
    last = TicketCounter.objects.get().last_number
    return range(last - count + 1, last + 1)


def default_queue() -> Queue:
    """Where a ticket goes of which nobody said where it belongs."""
    from .settings import create_defaults

    queue = Queue.objects.order_by("-is_default", "pk").first()
    return queue or create_defaults(current_tenant_id())


def is_over(ticket: Ticket) -> bool:
    return ticket.status in OVER
