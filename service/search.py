"""Finding tickets by number, subject, customer or sender, and keeping the words they are found by in step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import F, Q, QuerySet

from crm.access.policy import policy_for
from crm.search.finding import asked_for, narrow, newest
from crm.search.index import touch_entries, write_entries
from crm.search.tokens import document
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership

from .models import Ticket, TicketSearch

# Twelve digits: no tenant counts so far, and every longer number is somebody's telephone.
_LONGEST_NUMBER = 12


def find_tickets(membership: Membership, text: str, limit: int) -> Sequence[Ticket]:
    everything = Ticket.objects.for_list()
    seen = policy_for(Ticket).visible(membership, everything)
    if (condition := _named_exactly(text)) is not None:
        return list(seen.filter(condition).order_by(F("updated_at").desc(), F("pk").desc())[:limit])
    return list(newest(everything, seen, asked_for(text), TicketSearch, limit))


def filter_by_search(queryset: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    if (condition := _named_exactly(text)) is not None:
        return queryset.filter(condition)
    return narrow(queryset, asked_for(text), TicketSearch)


def _named_exactly(text: str) -> Q | None:
    """The condition for a number, with or without #, or an e-mail address; None when words are asked for."""
    plain = text.strip().removeprefix("#").strip()
    query = asked_for(plain)
    digits = plain if plain.isascii() and plain.isdigit() else query.value if query.kind == "phone" else ""
    if digits:
        return Q(number=int(digits[:_LONGEST_NUMBER])) | Q(external_id=plain)
    if query.kind == "email":
        # The second half says what the partial index says.
        return Q(sender_email__prefix=query.value) & ~Q(sender_email="")
    return None


def index_tickets(ids: Iterable[int]) -> None:
    """Bring the words of tickets up to date after a change that did not go through save()."""
    _write(Ticket.objects.filter(pk__in=list(ids)))


def index_tickets_of(customers: Iterable[int]) -> None:
    """Tickets are found by their customer's name too."""
    _write(Ticket.objects.filter(customer_id__in=list(customers)))


def ticket_saved(instance: Ticket, *, update_fields: Collection[str] | None, **signal: object) -> None:
    """Keep the words in step with every save(), whoever calls it."""
    if update_fields is None or not {"subject", "customer", "customer_id"}.isdisjoint(update_fields):
        _write(Ticket.objects.filter(pk=instance.pk))
    elif "updated_at" in update_fields:
        touch_entries(TicketSearch, [instance.pk], instance.updated_at)


def customers_renamed(ids: Iterable[int], **signal: object) -> None:
    index_tickets_of(ids)


def _write(tickets: QuerySet[Ticket]) -> None:
    rows = tickets.values_list("pk", "updated_at", "subject", "customer__name", "sender_name")
    tenant_id = current_tenant_id()
    write_entries(TicketSearch, [_entry(tenant_id, *row) for row in rows])


def _entry(
    tenant_id: int, pk: int, updated_at: datetime, subject: str, customer: str | None, sender: str
) -> tuple[int, datetime, str]:
    return pk, updated_at, document(tenant_id, customer or sender, text=subject)
