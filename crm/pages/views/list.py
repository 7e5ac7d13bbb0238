from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.errors import SearchTooBroad
from crm.search.finding import time_limit
from crm.tenancy.models import Membership

from ..bulk import BulkAction
from ..counts import Count, capped_count, exact_count
from ..filters import TenantFilterSet
from ..keyset import BadCursor
from ..keyset import Page as Rows
from ..listing import PASSING_PARAMETERS, Listing
from ..models import SavedView
from ..operations import may_change_view
from ..registry import list_pages
from ..saved_views import saved_views
from ..tables import Table
from .base import Crumb, Page


@dataclass(frozen=True, slots=True)
class Empty:
    """What an empty list says: what belongs here, and how the first one comes in."""

    title: str | Promise
    text: str | Promise = ""
    icon: str = "inbox"


@dataclass(frozen=True, slots=True)
class ReadyView:
    """A view that every member has, beside those that people save: what stands behind the question mark, and its name.

    `opens` the list for whoever has chosen no other view.
    """

    name: str | Promise
    query: str
    opens: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """The addresses of the pages around the one that is shown; "" where there is none."""

    first: str
    previous: str
    next: str

    @classmethod
    def around(cls, listing: Listing, rows: Rows[Model]) -> Pager:
        return cls(
            listing.link() if rows.previous else "",
            listing.link(before=rows.previous) if rows.previous else "",
            listing.link(after=rows.next) if rows.next else "",
        )


class ListPage(Page):
    """The list of a kind. Names `model`, `kind`, `table`, and mostly `filterset` and `get_queryset()`.

    Statements: saved views, rows, at most one count, one for each prefetch of a shown column, one for each filter that
    is on and names a record.
    """

    template_name = "generic/list.html"
    # The plural word of PRODUCT.md: "customers". Leave "" for a list that is no kind of its own.
    kind: ClassVar[str] = ""
    table: ClassVar[type[Table]]
    filterset: ClassVar[type[TenantFilterSet] | None] = None
    bulk_actions: ClassVar[Sequence[type[BulkAction]]] = ()
    ready_views: ClassVar[Sequence[ReadyView]] = ()
    page_size: ClassVar[int] = 50
    empty: ClassVar[Empty] = Empty(gettext_lazy("Nothing here yet"))
    # A template for what stands between the heading and the rows, and changes with them; what it shows it asks `page`.
    intro_template: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if vars(cls).get("kind"):
            list_pages.add(cls)

    @classmethod
    def for_member(cls, membership: Membership) -> ListPage:
        """The page without a request, for a task: `ListPage.for_member(m).listing(QueryDict(query)).rows`."""
        page = cls()
        page.membership, page.tenant = membership, membership.tenant
        return page

    def listing(self, data: QueryDict, columns: Sequence[str] = ()) -> Listing:
        return Listing(self, data, columns=columns)

    def sort_for(self, data: QueryDict) -> str:
        """The order of an address that names none; "" for the table's own."""
        return ""

    def pick(self, rows: QuerySet, text: str) -> QuerySet:
        """The few rows to offer for what was typed into a field that chooses one of this kind."""
        first = next((column for column in self.table.columns.values() if column.fixed and column.sort), None)
        if first is None or not text:
            return rows.order_by("-pk")
        name = first.sort[0].lstrip("-")
        return rows.filter(**{f"{name}__prefix": text.lower()}).order_by(name, "pk")

    # The page

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        listing = self.current
        part = self._part_wanted()
        if part == "count":
            response = self._count_alone(listing)
        elif part == "filters":
            response = self._part("filters", form=self._whole_form(), listing=listing)
        else:
            response = self._list(listing, part)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def _part_wanted(self) -> str:
        htmx = getattr(self.request, "htmx", None)
        if not htmx or htmx.history_restore_request:
            return ""
        return {"list": "list", "count": "count", "filters": "filters"}.get(htmx.target or "", "")

    def _part(self, part: str, **context: Any) -> HttpResponse:
        # The part always comes from the family's template: one that extends it has no partials of its own.
        return self.render(template=f"generic/list.html#{part}", **context)

    def _count_alone(self, listing: Listing) -> HttpResponse:
        count, refusal = None, ""
        try:
            count = self._count(listing, exact=self.request.GET.get("count") == "exact")
        except SearchTooBroad as error:
            refusal = str(error)
        return self._part("count", count=count, refusal=refusal, listing=listing)

    def _list(self, listing: Listing, part: str) -> HttpResponse:
        rows: Rows[Model] = Rows([], None, None)
        count, refusal = None, ""
        try:
            rows = self._rows(listing)
            count = self._count_beside(listing, rows)
        except SearchTooBroad as error:
            # What was found is shown, though it takes too long to count.
            refusal = "" if rows.rows else str(error)
        self._address(rows.rows)
        context: dict[str, Any] = {
            "listing": listing,
            "rows": rows,
            "pager": Pager.around(listing, rows),
            "body": listing.table.render(rows.rows, selectable=bool(self.open_bulk_actions)),
            "count": count,
            "refusal": refusal,
            "form": self._whole_form() if self._shows_filters(listing) else None,
        }
        return self._part("list", **context) if part == "list" else self.render(**context)

    @cached_property
    def saved_views(self) -> list[SavedView]:
        return saved_views(self.kind, self.membership) if self.kind else []

    @cached_property
    def current(self) -> Listing:
        data: QueryDict = self.request.GET
        if any(key not in PASSING_PARAMETERS for key in data):
            view = next((saved for saved in self.named_views if str(saved.pk) == data.get("view")), None)
        else:
            view = self._default_view()
            opening = view.parameters if view else self._opening_parameters()
            data = _with_passing(opening, data) if opening else data
        columns = view.columns if view and view.columns else self._arranged_columns()
        return Listing(self, data, view, columns)

    @property
    def named_views(self) -> list[SavedView]:
        return [saved for saved in self.saved_views if saved.name]

    def _arranged_columns(self) -> list[str]:
        """The columns this person chose for the list."""
        own = [saved for saved in self.saved_views if not saved.name and saved.owner_id == self.membership.user_id]
        return own[0].columns if own else []

    def _default_view(self) -> SavedView | None:
        """A person's own default comes before a shared one."""
        defaults = [saved for saved in self.named_views if saved.is_default]
        own = [saved for saved in defaults if saved.owner_id == self.membership.user_id]
        return next(iter(own or defaults), None)

    def get_ready_views(self) -> Sequence[ReadyView]:
        return self.ready_views

    @property
    def ready_tabs(self) -> list[tuple[ReadyView, bool]]:
        """The ready views, and whether the list shows each now."""
        return [
            (view, self.current.view is None and self.current.asks_for(view.query)) for view in self.get_ready_views()
        ]

    def _opening_parameters(self) -> QueryDict | None:
        return next((QueryDict(view.query) for view in self.get_ready_views() if view.opens), None)

    def _rows(self, listing: Listing) -> Rows[Model]:
        cursors = {key: self.request.GET.get(key, "") for key in ("after", "before")}
        with _in_time(listing):
            try:
                return listing.read(**cursors)
            except BadCursor:
                messages.info(self.request, _("That place in the list is no longer known. Here is its beginning."))
                return listing.read()

    def _address(self, rows: list[Model]) -> None:
        """Tell each row where its page is: fifty times `reverse` costs as much as reading the rows."""
        for_nobody = self.url("detail", self.model(pk=0))
        if for_nobody.endswith("/0/"):
            for row in rows:
                vars(row)["list_address"] = f"{for_nobody[:-2]}{row.pk}/"

    def _count_beside(self, listing: Listing, rows: Rows[Model]) -> Count | None:
        """The count when it is at hand or cheap; None leaves it to a second request.

        Whoever turns the page has been told, and the page keeps what it says: it is not counted once more.
        """
        wanted = self.request.GET.get("count")
        if wanted:
            return self._count(listing, exact=wanted == "exact")
        if rows.previous is None and rows.next is None:
            return Count(len(rows.rows))
        return self._count(listing) if listing.counts_quickly and rows.previous is None else None

    def _count(self, listing: Listing, exact: bool = False) -> Count:
        with _in_time(listing):
            return exact_count(listing.rows) if exact else capped_count(listing.rows)

    def _shows_filters(self, listing: Listing) -> bool:
        return bool(self.filterset) and (self.request.GET.get("panel") == "filters" or bool(listing.problems))

    def _whole_form(self):
        assert self.filterset is not None
        return self.filterset(self.current.data, self.visible(), membership=self.membership, whole=True).form

    # What the template asks

    def get_title(self) -> str:
        return str(self.title or self.kinds_label)

    def get_crumbs(self) -> list[Crumb]:
        return []

    @cached_property
    def open_bulk_actions(self) -> list[BulkAction]:
        may = self.policy.allows
        return [action(self.membership) for action in self.bulk_actions if may(self.membership, action.permission)]

    @property
    def has_filters(self) -> bool:
        return self.filterset is not None and any(name != "q" for name in self.filterset.base_filters)

    @property
    def has_search(self) -> bool:
        return self.filterset is not None and "q" in self.filterset.base_filters

    @property
    def can_change_view(self) -> bool:
        view = self.current.view
        return view is not None and may_change_view(view, self.membership)

    @property
    def view_save_query(self) -> str:
        """What the page that names a view is told: the list as it is now."""
        listing = self.current
        return urlencode([("query", listing.query), *(("columns", column.key) for column in listing.table.shown)])

    @property
    def create_url(self) -> str:
        return self.url_if_allowed("create")

    @property
    def can_export(self) -> bool:
        return bool(self.kind) and self.policy.allows(self.membership, "export")

    @property
    def import_url(self) -> str:
        """Where rows come in from a file: for kinds that crm.imports knows, and members who may."""
        # Not on top: what imports rows needs the list pages in its turn.
        from crm.imports.registry import import_kinds

        kind = import_kinds.get(self.kind)
        if kind is None or not kind.may_import(self.membership):
            return ""
        return f"{reverse('imports:import_create')}?{urlencode({'kind': self.kind})}"


@contextmanager
def _in_time(listing: Listing) -> Iterator[None]:
    """What a search box asks for gets as long as on the search page. Raises SearchTooBroad; the page goes on then."""
    if not listing.is_searched:
        yield
        return
    with transaction.atomic(), time_limit():
        yield


def _with_passing(parameters: QueryDict, address: QueryDict) -> QueryDict:
    """A view's parameters, with where the address says one is in the list."""
    data = parameters.copy()
    for key in PASSING_PARAMETERS:
        if key in address:
            data[key] = str(address[key])
    return data
