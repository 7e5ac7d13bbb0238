"""Finding customers and contacts, and keeping the words they are found by in step."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.dispatch import Signal

from crm.access.policy import policy_for
from crm.search.finding import asked_for, narrow, newest, time_limit
from crm.search.index import touch_entries, write_entries
from crm.search.tokens import document, name_sort
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership

from .models import Contact, ContactSearch, Customer, CustomerSearch

M = TypeVar("M", Customer, Contact)
Entry = tuple[int, datetime, str]

# Sent with `ids`, for what is found by its customer's name as well.
customers_renamed = Signal()


def search_customers(membership: Membership, text: str, limit: int = 25) -> list[Customer]:
    """The customers a member may see that match, the last changed first. Two statements; raises SearchTooBroad."""
    with time_limit():
        return find_customers(membership, text, limit)


def find_customers(membership: Membership, text: str, limit: int) -> list[Customer]:
    everything = Customer.objects.all()
    visible = policy_for(Customer).visible(membership, everything)
    return list(newest(everything, visible, asked_for(text), CustomerSearch, limit))


def find_contacts(membership: Membership, text: str, limit: int) -> list[Contact]:
    everything = Contact.objects.for_list()
    visible = policy_for(Contact).visible(membership, everything)
    return list(newest(everything, visible, asked_for(text), ContactSearch, limit))


def pick_customers(rows: QuerySet[Customer], text: str, limit: int) -> QuerySet[Customer]:
    """Of `rows`, those to offer for what was typed: whose name begins so, else what the search finds."""
    named = _named(rows, text)
    return newest(Customer.objects.all(), rows, asked_for(text), CustomerSearch, limit) if named is None else named


def pick_contacts(rows: QuerySet[Contact], text: str, limit: int) -> QuerySet[Contact]:
    named = _named(rows, text)
    return newest(Contact.objects.all(), rows, asked_for(text), ContactSearch, limit) if named is None else named


def _named(rows: QuerySet[M], text: str) -> QuerySet[M] | None:
    """The last changed ones for nothing; None when no name begins like the text."""
    if not text:
        return rows.order_by("-updated_at", "-pk")
    named = rows.filter(name_sort__prefix=name_sort(text)).order_by("name_sort", "pk")
    return named if named.exists() else None


def filter_by_search(queryset: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """The customers of a list that match; order and keyset paging stay the list's own."""
    return narrow(queryset, asked_for(text), CustomerSearch)


def filter_contacts_by_search(queryset: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    return narrow(queryset, asked_for(text), ContactSearch)


def index_customers(ids: Iterable[int]) -> None:
    """Bring the words of customers up to date after a change that did not go through save()."""
    customers = Customer.objects.filter(pk__in=list(ids)).values_list("pk", "updated_at", "name")
    _write_customers([_entry(*values) for values in customers])


def index_contacts(ids: Iterable[int]) -> None:
    _write_contacts(Contact.objects.filter(pk__in=list(ids)))


def touch_customers(ids: Sequence[int], at: datetime) -> None:
    """Raise customers in the order of search results, after a change that left their name alone."""
    touch_entries(CustomerSearch, ids, at)


def customer_saved(instance: Customer, *, update_fields: Collection[str] | None, **signal: object) -> None:
    """Keep the words in step with every save(), whoever calls it: a form, the admin, an operation."""
    if update_fields is None or "name" in update_fields:
        _write_customers([_entry(instance.pk, instance.updated_at, instance.name)], created=bool(signal["created"]))
    elif "updated_at" in update_fields:
        touch_customers([instance.pk], instance.updated_at)


def contact_saved(instance: Contact, *, update_fields: Collection[str] | None, **signal: object) -> None:
    if update_fields is None or not {"name", "customer", "customer_id"}.isdisjoint(update_fields):
        _write_contacts(Contact.objects.filter(pk=instance.pk))


def _write_customers(entries: list[Entry], *, created: bool = False) -> None:
    renamed = write_entries(CustomerSearch, entries)
    # Contacts are found by their customer's name too; a new customer has none.
    if renamed and not created:
        _write_contacts(Contact.objects.filter(customer_id__in=renamed))
        customers_renamed.send(Customer, ids=renamed)


def _write_contacts(contacts: QuerySet[Contact]) -> None:
    names = contacts.values_list("pk", "updated_at", "name", "customer__name")
    write_entries(ContactSearch, [_entry(*values) for values in names])


def _entry(pk: int, updated_at: datetime, *names: str) -> Entry:
    return pk, updated_at, document(current_tenant_id(), *names)
