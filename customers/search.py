"""Finding customers and contacts, and keeping the words they are found by in step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from crm.access.policy import policy_for
from crm.search.finding import asked_for, narrow, newest, time_limit
from crm.search.index import touch_entries, write_entries
from crm.search.tokens import document
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership

from .models import Contact, ContactSearch, ContactSearchView, Customer, CustomerSearch, CustomerSearchView


def search_customers(membership: Membership, text: str, limit: int = 25) -> list[Customer]:
    """The customers a member may see that match, the last changed first. Two statements; raises SearchTooBroad."""
    with time_limit():
        return find_customers(membership, text, limit)


def find_customers(membership: Membership, text: str, limit: int) -> list[Customer]:
    everything = Customer.objects.for_list()
    visible = policy_for(Customer).visible(membership, everything)
    return list(newest(everything, visible, asked_for(text), CustomerSearchView, limit))


def find_contacts(membership: Membership, text: str, limit: int) -> list[Contact]:
    everything = Contact.objects.for_list()
    visible = policy_for(Contact).visible(membership, everything)
    return list(newest(everything, visible, asked_for(text), ContactSearchView, limit))


def filter_by_search(queryset: QuerySet[Customer], text: str) -> QuerySet[Customer]:
    """The customers of a list that match; order and keyset paging stay the list's own."""
    return narrow(queryset, asked_for(text), CustomerSearchView)


def filter_contacts_by_search(queryset: QuerySet[Contact], text: str) -> QuerySet[Contact]:
    return narrow(queryset, asked_for(text), ContactSearchView)


def index_customers(ids: Iterable[int]) -> None:
    """Bring the words of customers up to date, and those of their contacts, which are found by the customer too."""
    ids = list(ids)
    customers = Customer.objects.filter(pk__in=ids).values_list("pk", "updated_at", "name")
    write_entries(CustomerSearch, [_entry(*values) for values in customers])
    index_contacts(Contact.objects.filter(customer_id__in=ids).values_list("pk", flat=True))


def index_contacts(ids: Iterable[int]) -> None:
    contacts = Contact.objects.filter(pk__in=ids).values_list("pk", "updated_at", "name", "customer__name")
    write_entries(ContactSearch, [_entry(*values) for values in contacts])


def index_new_customer(customer: Customer) -> None:
    """Like index_customers, for one that was just created and is at hand: it has no contacts yet. One statement."""
    write_entries(CustomerSearch, [_entry(customer.pk, customer.updated_at, customer.name)])


def touch_customers(ids: Sequence[int], at: datetime | None = None) -> None:
    """Raise customers in the order of search results after a change that left their name alone."""
    touch_entries(CustomerSearch, ids, at or timezone.now())


def _entry(pk: int, updated_at: datetime, *names: str) -> tuple[int, datetime, str]:
    return pk, updated_at, document(current_tenant_id(), *names)
