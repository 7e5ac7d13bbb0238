"""How every kind is found: the newest matches a member may see, within a time limit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

from django.db import OperationalError, connection
from django.db.models import F, Model, Q, QuerySet
from psycopg.errors import QueryCanceled

from crm.errors import SearchTooBroad
from crm.tenancy.context import current_tenant_id
from crm.tenancy.lookups import Among
from crm.tenancy.views import through_views

from .index import SearchEntry
from .tokens import SearchQuery, parse_query
from .ways import NewestMatches, PassedOneByOne, Share, Where, ask, matches_to_look_up

M = TypeVar("M", bound=Model)

TIMEOUT_SECONDS = 2
_asked: ContextVar[Mapping[type[SearchEntry], Share] | None] = ContextVar("asked_together", default=None)


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
    """The rows of a list that match; its order, its other filters and its paging stay as they are.

    Words take a statement at once, which tells how common they are: a phrase that is in every tenth subject looks as
    rare as any other to the planner, which would sort a hundred thousand rows for a page of fifty.
    """
    if query.kind == "empty":
        return queryset
    if query.kind == "too_short":
        return queryset.none()
    if condition := reached_by(query):
        return queryset.filter(condition)
    ids = matches_to_look_up(Where(entry, queryset), query.value)
    if ids is not None:
        return queryset.filter(Among(F("pk"), ids))
    return through_views(queryset.filter(PassedOneByOne(entry, query.value)))


def newest(
    everything: QuerySet[M], visible: QuerySet[M], query: SearchQuery, entry: type[SearchEntry], limit: int
) -> QuerySet[M]:
    """The newest matches among `visible`, itself `everything` when nothing is hidden from the member.

    One word takes a statement at once, but none inside `asked_together()`.
    """
    if query.kind in ("empty", "too_short"):
        return everything.none()
    if condition := reached_by(query):
        return visible.filter(condition).order_by(F("updated_at").desc(), F("pk").desc())[:limit]
    where = Where(entry, None if visible is everything else visible)
    share = _share(where, query)
    # Limited before the join, and so joined for the few that are shown.
    ids = NewestMatches(where, query.value, share, limit)
    return through_views(everything.filter(Among(F("pk"), ids)).order_by(F("updated_at").desc(), F("pk").desc()))


def _share(where: Where, query: SearchQuery) -> Share | None:
    if not query.is_one_word:
        return None
    known = _asked.get()
    return ask([where], query.value)[0] if known is None else known.get(where.entry)


@contextmanager
def asked_together(query: SearchQuery, places: Sequence[Where]) -> Iterator[None]:
    """Ask once how common the word is in all these places, for the calls of `newest()` inside the block.

    In other places, and for other words, the planner's guess must do there: a page of many kinds has few statements.
    """
    known: dict[type[SearchEntry], Share] = {}
    if places and query.is_one_word:
        known = dict(zip([place.entry for place in places], ask(places, query.value), strict=True))
    token = _asked.set(known)
    try:
        yield
    finally:
        _asked.reset(token)
