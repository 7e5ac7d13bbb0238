from __future__ import annotations

from typing import Any, cast

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.policy import policies, policy_for
from crm.pages.registry import list_pages
from crm.pages.views import DetailPage, ListPage, MemberPage
from crm.pages.views.base import Crumb
from crm.pages.views.list import Empty

from .filters import AuditFilter
from .models import AuditEntry
from .tables import AuditTable
from .trail import history
from .words import (
    address_of,
    changes_in_words,
    details_in_words,
    is_audited,
    kind_label,
    model_of,
    people_in,
    record_label,
)


class AuditList(ListPage):
    """Who changed what. Statements besides the family's: one for the names of persons among the values."""

    model, kind, table, filterset = AuditEntry, "audit", AuditTable, AuditFilter
    url_stem = "entry"
    title = gettext_lazy("Audit trail")
    empty = Empty(gettext_lazy("Nothing has happened yet"), gettext_lazy("Every change shows here."), icon="history")

    def get_queryset(self):
        return self.tenant.audit_entries.all()

    def _rows(self, listing):
        page = super()._rows(listing)
        rows = cast(list[AuditEntry], page.rows)
        people = people_in(rows)
        for row in rows:
            row.people = people
        return page


class AuditDetail(DetailPage):
    model, table = AuditEntry, AuditTable
    url_stem = "entry"
    template_name = "audit/entry_detail.html"

    def get_queryset(self):
        return self.tenant.audit_entries.for_list()

    @property
    def entry(self) -> AuditEntry:
        return cast(AuditEntry, self.object)

    def get_title(self) -> str:
        return " · ".join(filter(None, [str(self.entry.get_action_display()), record_label(self.entry)]))

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(str(AuditList.title), self.url("list"))]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(
            changes=changes_in_words(self.entry, people_in([self.entry])),
            details=details_in_words(self.entry),
            record=record_label(self.entry),
            record_url=address_of(self.entry),
            **context,
        )

    def buttons(self):
        return []


class RecordHistory(MemberPage):
    """The last entries about one record, for everybody who may see the record."""

    template_name = "audit/history.html"
    shown = 50

    @cached_property
    def record(self) -> Model:
        model = model_of(self.kwargs["kind"])
        if model is None or model not in policies() or not is_audited(model):
            raise Http404
        found = policy_for(model).visible(self.membership, model._default_manager.filter(pk=self.kwargs["pk"])).first()
        if found is None:
            raise Http404
        return found

    def check_access(self) -> None:
        self.record  # noqa: B018  # out of sight is 404, before anything else is read

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        entries = list(history(self.record, self.shown))
        people = people_in(entries)
        return self.render(
            record=self.record,
            entries=[(entry, changes_in_words(entry, people)) for entry in entries],
            shown=self.shown,
        )

    def get_title(self) -> str:
        return _("History of %(record)s") % {"record": self.record}

    def get_crumbs(self) -> list[Crumb]:
        kind = list_pages.kind_of(type(self.record))
        page = list_pages[kind].for_member(self.membership) if kind else None
        first = Crumb(page.kinds_label, page.url("list")) if page else Crumb(kind_label(self.kwargs["kind"]))
        return [first, Crumb(str(self.record), cast(Any, self.record).get_absolute_url()), Crumb(_("History"))]
