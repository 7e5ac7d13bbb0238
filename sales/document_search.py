"""Finding products and quotes, and keeping the words they are found by in step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import QuerySet

from crm.access.policy import policy_for
from crm.search.finding import asked_for, narrow, newest
from crm.search.index import touch_entries, write_entries
from crm.search.tokens import WORD_LENGTH, SearchQuery, document
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Membership

from .models import Product, ProductSearch, Quote, QuoteSearch

Entry = tuple[int, datetime, str]


def find_products(membership: Membership, text: str, limit: int) -> list[Product]:
    everything = Product.objects.all()
    visible = policy_for(Product).visible(membership, everything)
    return list(newest(everything, visible, _words(text), ProductSearch, limit))


def find_quotes(membership: Membership, text: str, limit: int) -> list[Quote]:
    everything = Quote.objects.for_list()
    visible = policy_for(Quote).visible(membership, everything)
    return list(newest(everything, visible, _words(text), QuoteSearch, limit))


def filter_products_by_search(queryset: QuerySet[Product], text: str) -> QuerySet[Product]:
    return narrow(queryset, _words(text), ProductSearch)


def filter_quotes_by_search(queryset: QuerySet[Quote], text: str) -> QuerySet[Quote]:
    return narrow(queryset, _words(text), QuoteSearch)


def _words(text: str) -> SearchQuery:
    """Nothing here has a telephone: digits are the beginning of a code or of a part of a number."""
    query = asked_for(text)
    if query.kind == "phone":
        return SearchQuery("words", f"'{current_tenant_id()}:{query.value[:WORD_LENGTH]}':*")
    return SearchQuery("too_short") if query.kind == "email" else query


def index_products(ids: Iterable[int]) -> None:
    """Bring the words of products up to date after a change that did not go through save()."""
    rows = Product.objects.filter(pk__in=list(ids)).values_list("pk", "updated_at", "name", "code", "category")
    write_entries(ProductSearch, [_entry(*values) for values in rows])


def index_quotes(ids: Iterable[int]) -> None:
    _write_quotes(Quote.objects.filter(pk__in=list(ids)))


def product_words(tenant_id: int, *names: str) -> str:
    return document(tenant_id, names[0], *filter(None, names[1:]))


def product_saved(instance: Product, *, update_fields: Collection[str] | None, **signal: object) -> None:
    """Keep the words in step with every save(), whoever calls it: a form, the admin, an operation."""
    if update_fields is None or not {"name", "code", "category"}.isdisjoint(update_fields):
        names = (instance.name, instance.code, instance.category)
        write_entries(ProductSearch, [_entry(instance.pk, instance.updated_at, *names)])
    elif "updated_at" in update_fields:
        touch_entries(ProductSearch, [instance.pk], instance.updated_at)


def quote_saved(instance: Quote, *, update_fields: Collection[str] | None, **signal: object) -> None:
    if update_fields is None or not {"title", "number", "customer", "customer_id"}.isdisjoint(update_fields):
        _write_quotes(Quote.objects.filter(pk=instance.pk))
    elif "updated_at" in update_fields:
        touch_entries(QuoteSearch, [instance.pk], instance.updated_at)


def customers_renamed(ids: list[int], **signal: object) -> None:
    """Quotes are found by their customer's name too."""
    _write_quotes(Quote.objects.filter(customer_id__in=ids))


def _write_quotes(quotes: QuerySet[Quote]) -> None:
    rows = quotes.values_list("pk", "updated_at", "customer__name", "title", "number")
    write_entries(QuoteSearch, [_entry(*values) for values in rows])


def _entry(pk: int, updated_at: datetime, *names: str) -> Entry:
    return pk, updated_at, document(current_tenant_id(), names[0], *filter(None, names[1:]))
