"""What one address asks of a list: filters, order, columns. The page, bulk actions and the export read it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from django.db.models import QuerySet
from django.http import QueryDict

from crm.errors import BadSort, UnknownParameter
from crm.search.finding import asked_for

from .filters import Chip, TenantFilterSet
from .keyset import Keyset, Page
from .models import SavedView
from .tables import Column, Head, Table

if TYPE_CHECKING:
    from .views import ListPage

# What an address may say besides its filters.
OWN_PARAMETERS = frozenset({"sort", "view", "after", "before", "panel", "count"})
# Where one is in the list and what is open on the page: not part of what is listed.
PASSING_PARAMETERS = ("after", "before", "panel", "count")


class Listing:
    """Raises UnknownParameter and BadSort: a filter that was misspelt must not quietly show everything."""

    def __init__(self, page: ListPage, data: QueryDict, view: SavedView | None = None, columns: Iterable[str] = ()):
        self.page, self.data, self.view = page, data, view
        filters = page.filterset.parameters() if page.filterset else {}
        unknown = sorted(set(data) - set(filters) - OWN_PARAMETERS)
        if unknown:
            raise UnknownParameter(names=unknown)
        self.sort = data.get("sort", "")
        if self.sort and not page.table.is_sortable(self.sort):
            raise BadSort(name=self.sort)
        self.table: Table = page.table(columns, self.sort or page.sort_for(data))

    @cached_property
    def filterset(self) -> TenantFilterSet | None:
        if self.page.filterset is None:
            return None
        return self.page.filterset(self.data, self.page.visible(), membership=self.page.membership)

    @cached_property
    def problems(self) -> list[str]:
        return list(self.filterset.problems) if self.filterset is not None else []

    @cached_property
    def rows(self) -> QuerySet:
        """All rows that match, unordered, without what only columns need. None of them when a filter makes no sense."""
        if self.filterset is None:
            return self.page.visible()
        return self.filterset.queryset.none() if self.problems else self.filterset.qs

    @property
    def order(self) -> tuple[str, ...]:
        return self.table.order(self.table.sort)

    def read(self, *, after: str = "", before: str = "") -> Page:
        """One page of rows, with what the shown columns need. Raises BadCursor."""
        keyset = Keyset(self.page.model, self.order)
        rows = self.table.with_related(self.rows)
        return keyset.page(rows, size=self.page.page_size, after=after, before=before)

    @property
    def is_filtered(self) -> bool:
        return bool(self.filterset is not None and self.filterset.filters)

    @cached_property
    def hides_something(self) -> bool:
        """Whether there would be rows without the filters. For an empty list: it takes a statement."""
        return self.is_filtered and self.page.visible().exists()

    @property
    def is_searched(self) -> bool:
        return self.filterset is not None and "q" in self.filterset.filters

    @property
    def is_searched_for_too_little(self) -> bool:
        return self.is_searched and asked_for(self.data.get("q", "")).kind == "too_short"

    @property
    def counts_quickly(self) -> bool:
        return self.filterset is None or self.filterset.counts_quickly

    @property
    def chips(self) -> list[tuple[Chip, str]]:
        """The filters that are on, each with the address of the list without it."""
        if self.filterset is None or self.problems:
            return []
        return [(chip, self.link(without=chip.parameters)) for chip in self.filterset.chips]

    @property
    def head(self) -> list[tuple[Head, str]]:
        """The cells of the table's head, each with the address that sorts by it, "" where none does."""
        return [(head, self.link(sort=head.sort) if head.sort else "") for head in self.table.head]

    @property
    def column_choices(self) -> list[tuple[Column, bool]]:
        """Every column, those shown first and in their order."""
        shown = self.table.shown
        rest = [column for column in self.table.columns.values() if column not in shown]
        return [(column, True) for column in shown] + [(column, False) for column in rest]

    @property
    def kept_by_search(self) -> list[tuple[str, str]]:
        return self._pairs(without=("q",))

    @property
    def kept_by_filters(self) -> list[tuple[str, str]]:
        """What a new choice of filters leaves as it is: the search, the order, the view."""
        filters = self.page.filterset.parameters() if self.page.filterset else {}
        return self._pairs(without=[name for name in filters if name != "q"])

    @cached_property
    def _lasting(self) -> list[tuple[str, str]]:
        """What the address says, without where one is and what says nothing."""
        # "all" only keeps a default view away from an address that says nothing else.
        silent = {*PASSING_PARAMETERS, *(["view"] if self.data.get("view") == "all" else [])}
        return [
            (key, value) for key, values in self.data.lists() if key not in silent and any(values) for value in values
        ]

    def _pairs(self, without: Collection[str] = ()) -> list[tuple[str, str]]:
        return [pair for pair in self._lasting if pair[0] not in without]

    @property
    def address(self) -> str:
        """The part of the address that leads back here, with the view."""
        return urlencode(self._pairs())

    @property
    def query(self) -> str:
        """The lasting part of the address: what a saved view keeps, and what export and bulk actions are given."""
        return urlencode(self._pairs(without=("view",)))

    def asks_for(self, query: str) -> bool:
        """Whether this is the list of that address, in whatever order."""
        return sorted(self._pairs(without=("sort", "view"))) == sorted(parse_qsl(query))

    def link(self, *, without: Iterable[str] = (), **changes: str) -> str:
        """The address of this list, changed. Moving on always begins at the first page."""
        pairs = [*self._pairs({*without, *changes}), *changes.items()]
        return "?" + urlencode(pairs) if pairs else "?view=all"
