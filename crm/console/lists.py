"""Lists that stay quick on a table of millions: no exact count, no deep page, no order without an index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db import models
from django.utils.functional import cached_property

MOST_ROWS = 10_000


class CappedPaginator(Paginator):
    """Counts no further than it pages (DATA_DESIGN.md section 6)."""

    @cached_property
    def count(self) -> int:
        rows = cast(models.QuerySet, self.object_list)
        return min(MOST_ROWS, rows.order_by()[: MOST_ROWS + 1].count())


class IndexedChangeList(ChangeList):
    """An order that no index serves is not taken, also when it is typed into the address."""

    def get_ordering_field(self, field_name):
        return super().get_ordering_field(field_name) if field_name in (self.sortable_by or ()) else None


def leading_fields(model: type[models.Model]) -> Iterator[Any]:
    """The fields that come first in an index, behind the tenant: by these alone rows are found quickly."""
    for index in model._meta.indexes:
        names = [name for name, _direction in index.fields_orders] or [_name_of(part) for part in index.expressions]
        if len(names) > 1 and names[0] == "tenant" and names[1]:
            yield model._meta.get_field(names[1])


def _name_of(expression) -> str:
    while hasattr(expression, "expression"):
        expression = expression.expression
    return getattr(expression, "name", "")
