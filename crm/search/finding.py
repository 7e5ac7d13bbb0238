"""How every kind is found: the newest matches a member may see, within a time limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from django.db import OperationalError, connection
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Subquery
from psycopg.errors import QueryCanceled

from crm.errors import SearchTooBroad
from crm.tenancy.context import current_tenant_id
from crm.tenancy.views import through_views

from .index import SearchEntry
from .tokens import SearchQuery, parse_query

M = TypeVar("M", bound=Model)

TIMEOUT_SECONDS = 2


@contextmanager
def time_limit() -> Iterator[None]:
    """Give the statements of this transaction two seconds each; raises SearchTooBroad when one takes longer.

    The transaction is lost then, as with every database error: catch it outside of `atomic()`.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{TIMEOUT_SECONDS}s'")
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise SearchTooBroad from error
        raise


def asked_for(text: str) -> SearchQuery:
    """What a search box asks for in the current tenant."""
    return parse_query(current_tenant_id(), text)


def reached_by(query: SearchQuery) -> Q | None:
    """The condition for a telephone number or an e-mail address; None when words are asked for."""
    if query.kind == "phone":
        return Q(phone__prefix=query.value) | Q(phone_rev__prefix=query.value[::-1])
    if query.kind == "email":
        return Q(email__prefix=query.value)
    return None


def narrow(queryset: QuerySet[M], query: SearchQuery, entry: type[SearchEntry]) -> QuerySet[M]:
    """The rows of a list that match; its order, its other filters and its paging stay as they are."""
    if query.kind == "empty":
        return queryset
    if query.kind == "too_short":
        return queryset.none()
    if condition := reached_by(query):
        return queryset.filter(condition)
    return through_views(queryset.filter(pk__in=entry._default_manager.filter(vec__matches=query.value).values("pk")))


def newest(
    everything: QuerySet[M], visible: QuerySet[M], query: SearchQuery, entry: type[SearchEntry], limit: int
) -> QuerySet[M]:
    """The newest matches among `visible`, itself `everything` when nothing is hidden from the member."""
    if query.kind in ("empty", "too_short"):
        return everything.none()
    if condition := reached_by(query):
        return visible.filter(condition).order_by(F("updated_at").desc(), F("pk").desc())[:limit]
    entries = entry._default_manager.filter(vec__matches=query.value)
    if visible is not everything:
        allowed = visible.filter(tenant_id=OuterRef("tenant_id"), pk=OuterRef("pk"))
        entries = entries.filter(Exists(allowed))
    # Limited before the join: the planner then walks the entries by rank for a common word, the index for a rare one.
    first = entries.order_by(F("updated_at").desc(), F("pk").desc()).values("pk")[:limit]
    rank = entry._default_manager.filter(tenant_id=OuterRef("tenant_id"), pk=OuterRef("pk")).values("updated_at")
    found = everything.filter(pk__in=first).order_by(Subquery(rank).desc(), F("pk").desc())
    return through_views(found)
