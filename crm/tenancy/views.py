"""Reading tenant tables through their tenant views.

Under row-level security PostgreSQL uses an index only for operators that are proven not to leak, and a join passes
that restriction on to every table with a tenant column: a search by words inside a list of customers took 1.3 seconds
with the index lying idle. A tenant view keeps tenants apart as well, without the restriction (DATA_DESIGN.md section
4). A query that asks for such an operator is marked by `through_views()`; the compiler then reads each table that has
a TenantView through it, in sub-queries too. Tables without one are read as ever.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TypeVar

from django.apps import apps
from django.db.models import Model, QuerySet
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable, Join

from .constraints import TenantView

M = TypeVar("M", bound=Model)
_active: ContextVar[bool] = ContextVar("through_views", default=False)


def through_views(queryset: QuerySet[M]) -> QuerySet[M]:
    """The same rows, read through tenant views. Filters, order and slices may follow."""
    marked: QuerySet[M] = queryset._chain()  # type: ignore[attr-defined]  # what filter() and all() begin with
    # Clones of the query take it along.
    marked.query.reads_through_views = True  # type: ignore[attr-defined]  # read by the compiler below
    return marked


@cache
def tenant_views() -> dict[str, str]:
    """{table: its tenant view}"""
    return {
        model._meta.db_table: constraint.name
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, TenantView)
    }


class ReadsThroughViews:
    """For a compiler of SELECTs: puts the view's name in place of the table's where the query is marked."""

    query: Query

    def as_sql(self, *args, **kwargs):
        with _marked(self.query):
            return super().as_sql(*args, **kwargs)  # type: ignore[misc]  # a mix-in: the compiler beside it has it

    def compile(self, node):
        if _active.get() and isinstance(node, BaseTable | Join):
            view = tenant_views().get(node.table_name)
            if view:
                node = copy.copy(node)
                # The alias stays, which is the table's name where it has no other: columns are told by it.
                node.table_name = view
        return super().compile(node)  # type: ignore[misc]  # as above


@contextmanager
def _marked(query) -> Iterator[None]:
    # Rows are locked in the table; a view of which one may only read cannot do that.
    if not getattr(query, "reads_through_views", False) or query.select_for_update:
        yield
        return
    token = _active.set(True)
    try:
        yield
    finally:
        _active.reset(token)
