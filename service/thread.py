"""What happened to a ticket, for its page: messages, and between them the other lines of the log, the latest first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.accounts.models import User

from .choices.tickets import EventKind, MessageKind, SlaTarget, TicketPriority, TicketStatus
from .models import Queue, Ticket, TicketAttachment, TicketEvent, TicketMessage

LENGTH = 40
# Their message says it.
_SAID = (EventKind.REPLY, EventKind.NOTE, EventKind.INBOUND)


@dataclass(slots=True)
class Entry:
    """A message with what came along with it, or (without one) what was changed at one moment by one person."""

    at: datetime
    author: User | None
    message: TicketMessage | None = None
    changes: list[str] = field(default_factory=list)
    files: list[TicketAttachment] = field(default_factory=list)
    is_new: bool = False
    is_missed: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    entries: list[Entry]
    goes_on: bool
    # The number of the last line: what whoever answers has seen.
    last: int


def read_log(ticket: Ticket) -> list[TicketEvent]:
    """All of it: the clock is computed from the same lines."""
    return list(ticket.events.order_by("at", "id"))


def read_thread(ticket: Ticket, log: Sequence[TicketEvent], *, whole: bool = False, since: int | None = None) -> Thread:
    """`since` marks what came after that line of the log. Three statements, and one when queues were changed."""
    rows = ticket.messages.order_by("-at", "-id")
    messages = list(rows if whole else rows[: LENGTH + 1])
    goes_on = not whole and len(messages) > LENGTH
    messages = messages[:LENGTH] if goes_on else messages
    names = _Names(log, messages)
    entries = _entries(log, {message.pk: message for message in messages}, names, since)
    if goes_on:
        entries = [entry for entry in entries if entry.at >= messages[-1].at]
    _add_files(entries, messages)
    # Not the last in time: what was missed is dated back to when it was due.
    return Thread(entries[::-1], goes_on, max((event.pk for event in log), default=0))


def _add_files(entries: Iterable[Entry], messages: Sequence[TicketMessage]) -> None:
    rows = TicketAttachment.objects.filter(message__in=[message.pk for message in messages]).select_related("file")
    files: dict[int, list[TicketAttachment]] = {}
    for one in rows.order_by("pk") if messages else ():
        files.setdefault(one.message_id, []).append(one)
    for entry in entries:
        if entry.message is not None:
            entry.files = files.get(entry.message.pk, [])


def _entries(
    log: Sequence[TicketEvent], messages: Mapping[int, TicketMessage], names: _Names, since: int | None
) -> list[Entry]:
    entries: list[Entry] = []
    last: tuple[datetime, int | None] | None = None
    for event in log:
        is_new = since is not None and event.pk > since
        message = messages.get(event.message_id) if event.message_id else None
        if message is not None or last != (event.at, event.actor_id):
            author = names.person(message.author_id if message else event.actor_id)
            entries.append(Entry(event.at, author, message, is_new=is_new))
            last = (event.at, event.actor_id)
        if event.kind not in _SAID:
            entries[-1].changes.append(names.describe(event))
        entries[-1].is_missed |= event.kind == EventKind.MISSED
    # Of messages before the ones that are shown there is nothing to say.
    return [entry for entry in entries if entry.message or entry.changes]


class _Names:
    """Who and what the numbers of a log stand for."""

    def __init__(self, log: Iterable[TicketEvent], messages: Iterable[TicketMessage]):
        people: set[int] = set()
        queues: set[int] = set()
        for event in log:
            people.update(filter(None, [event.actor_id]))
            if event.kind in (EventKind.ASSIGNEE, EventKind.QUEUE):
                found = people if event.kind == EventKind.ASSIGNEE else queues
                found.update(int(one) for one in (event.before, event.after) if one)
        people.update(message.author_id for message in messages if message.author_id)
        self._people: dict[int, User] = get_user_model().objects.in_bulk(people) if people else {}
        self._queues: dict[int, Queue] = Queue.objects.in_bulk(queues) if queues else {}

    def person(self, pk: int | None) -> User | None:
        return self._people.get(pk) if pk else None

    def describe(self, event: TicketEvent) -> str:
        before, after = self._word(event.kind, event.before), self._word(event.kind, event.after)
        if event.kind == EventKind.CREATED:
            return _("Came in")
        if event.kind == EventKind.MISSED:
            return _("Target missed: %(target)s") % {"target": SlaTarget(event.after).label}
        if event.kind == EventKind.ASSIGNEE:
            return _("Assigned to %(person)s") % {"person": after} if event.after else _("Assigned to nobody")
        return _("%(field)s: %(before)s → %(after)s") % {
            "field": EventKind(event.kind).label,
            "before": before,
            "after": after,
        }

    def _word(self, kind: str, value: str) -> str:
        if not value:
            return "–"
        if kind == EventKind.STATUS:
            return str(TicketStatus(int(value)).label)
        if kind == EventKind.PRIORITY:
            return str(TicketPriority(int(value)).label)
        if kind == EventKind.ASSIGNEE:
            return str(self._people.get(int(value), "?"))
        return str(self._queues.get(int(value), "?")) if kind == EventKind.QUEUE else value


def came_in_between(ticket: Ticket, seen: int, writer: User) -> bool:
    """Whether others said something, or moved the ticket on, after the line that the writer has seen."""
    newer = ticket.events.filter(pk__gt=seen, kind__in=[*_SAID, EventKind.STATUS])
    # Nobody is the customer, or the system: NULL is not "unlike the writer" to the database.
    return newer.filter(Q(actor__isnull=True) | ~Q(actor=writer)).exists()


ICONS = {MessageKind.REPLY: "send", MessageKind.NOTE: "note", MessageKind.INBOUND: "message"}
