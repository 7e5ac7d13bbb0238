"""Finding deals and leads, and keeping the words they are found by in step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from crm.access.policy import policy_for
from crm.search.finding import asked_for, narrow, newest, reached_by
from crm.search.index import touch_entries, write_entries
from crm.search.tokens import SearchQuery, document
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership
from customers.models import Customer

from .models import Deal, DealSearch, Lead, LeadSearch

Entry = tuple[int, datetime, str]


def find_deals(membership: Membership, text: str, limit: int) -> list[Deal]:
    everything = Deal.objects.for_list()
    visible = policy_for(Deal).visible(membership, everything)
    query = asked_for(text)
    if by_customer := _of_customers(query):
        return list(visible.filter(by_customer).order_by("-updated_at", "-id")[:limit])
    return list(newest(everything, visible, query, DealSearch, limit))


def find_leads(membership: Membership, text: str, limit: int) -> list[Lead]:
    everything = Lead.objects.all()
    visible = policy_for(Lead).visible(membership, everything)
    return list(newest(everything, visible, asked_for(text), LeadSearch, limit))


def filter_deals_by_search(queryset: QuerySet[Deal], text: str) -> QuerySet[Deal]:
    """The deals of a list that match; order and keyset paging stay the list's own."""
    query = asked_for(text)
    by_customer = _of_customers(query)
    return queryset.filter(by_customer) if by_customer else narrow(queryset, query, DealSearch)


def filter_leads_by_search(queryset: QuerySet[Lead], text: str) -> QuerySet[Lead]:
    return narrow(queryset, asked_for(text), LeadSearch)


def _of_customers(query: SearchQuery) -> Q | None:
    """A telephone number or an e-mail address is its customer's, and a number may be the deal's own."""
    reached = reached_by(query)
    if reached is None:
        return None
    customers = Customer.objects.filter(reached).order_by("-updated_at", "-id").values("pk")[:_MOST_CUSTOMERS]
    theirs = Deal.objects.filter(customer__in=customers).values("pk")
    # Not "or", for which no index serves both sides and every deal would be read.
    return Q(pk__in=theirs.union(Deal.objects.filter(external_id=query.value).values("pk")))


# A number of four digits ends many telephone numbers; the customers changed last are the likely ones.
_MOST_CUSTOMERS = 200


def index_deals(ids: Iterable[int]) -> None:
    """Bring the words of deals up to date after a change that did not go through save()."""
    _write_deals(Deal.objects.filter(pk__in=list(ids)))


def index_leads(ids: Iterable[int]) -> None:
    _write_leads(Lead.objects.filter(pk__in=list(ids)))


def deal_saved(instance: Deal, *, update_fields: Collection[str] | None, **signal: object) -> None:
    """Keep the words in step with every save(), whoever calls it: a form, the admin, an operation."""
    if update_fields is None or not {"name", "customer", "customer_id"}.isdisjoint(update_fields):
        _write_deals(Deal.objects.filter(pk=instance.pk))
    elif "updated_at" in update_fields:
        touch_entries(DealSearch, [instance.pk], instance.updated_at)


def lead_saved(instance: Lead, *, update_fields: Collection[str] | None, **signal: object) -> None:
    if update_fields is None or not {"name", "company"}.isdisjoint(update_fields):
        write_entries(LeadSearch, [_entry(instance.pk, instance.updated_at, instance.name, instance.company)])
    elif "updated_at" in update_fields:
        touch_entries(LeadSearch, [instance.pk], instance.updated_at)


def customers_renamed(ids: list[int], **signal: object) -> None:
    """Deals are found by their customer's name too."""
    _write_deals(Deal.objects.filter(customer_id__in=ids))


def _write_deals(deals: QuerySet[Deal]) -> None:
    names = deals.values_list("pk", "updated_at", "name", "customer__name")
    write_entries(DealSearch, [_entry(pk, at, *filter(None, words)) for pk, at, *words in names])


def _write_leads(leads: QuerySet[Lead]) -> None:
    names = leads.values_list("pk", "updated_at", "name", "company")
    write_entries(LeadSearch, [_entry(*values) for values in names])


def _entry(pk: int, updated_at: datetime, *names: str) -> Entry:
    return pk, updated_at, document(current_tenant_id(), *names)
