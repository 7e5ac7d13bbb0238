"""What belongs to every list, whatever its kind: columns, saved views, bulk actions, export, and picking from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.errors import CrmError, NothingChosen, ViewChanged
from crm.jobs import start_job

from .. import formats, operations
from ..bulk import AT_ONCE, BulkAction, Outcome, run_in_batches
from ..choices import Visibility
from ..counts import Count, capped_count
from ..forms import TenantForm, errors_in_order
from ..ids import is_id
from ..models import SavedView
from ..registry import list_pages
from ..saved_views import saved_views
from ..widgets import dress
from .base import Crumb, MemberPage
from .list import ListPage

_PICKED = 20
_MOST_IDS = 10_000


class ListTool(MemberPage):
    """A page beside the list of a kind; whoever may not see the list, may not use its tools."""

    @cached_property
    def list_page(self) -> ListPage:
        try:
            page = list_pages[self.kwargs["kind"]]
        except KeyError:
            raise Http404 from None
        return page.for_member(self.membership)

    def check_access(self) -> None:
        if not self.list_page.policy.allows(self.membership, self.list_page.permission):
            raise PermissionDenied

    def back(self, query: str = "") -> HttpResponse:
        return redirect(self.list_address(query))

    def list_address(self, query: str = "") -> str:
        # Taken apart and put together again: what came from outside stays behind the question mark.
        parameters = QueryDict(query).urlencode()
        return self.list_page.url("list") + (f"?{parameters}" if parameters else "")

    @property
    def back_url(self) -> str:
        return self.list_address()

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(self.list_page.kinds_label, self.list_page.url("list"))]


class ListColumns(ListTool):
    """Keep which columns a person sees."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        known = self.list_page.table.columns
        chosen = [] if "reset" in request.POST else [key for key in request.POST.getlist("columns") if key in known]
        operations.arrange_columns(membership=self.membership, kind=kind, columns=chosen)
        return self.back(request.POST.get("query", ""))


class SavedViewForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    visibility = forms.ChoiceField(label=gettext_lazy("Who sees it"), choices=Visibility, initial=Visibility.OWN)
    is_default = forms.BooleanField(label=gettext_lazy("Open the list with it"), required=False)

    def __init__(self, *args: Any, membership, **kwargs: Any):
        super().__init__(*args, **kwargs)
        open_to = operations.visibilities_open_to(membership)
        self.fields["visibility"].choices = [(item.value, item.label) for item in open_to]  # type: ignore[attr-defined]
        for field in self.fields.values():
            dress(field)


class ViewChangeForm(SavedViewForm):
    # Which one was seen: two people may change a view that is shared with all.
    version = forms.IntegerField(widget=forms.HiddenInput)


class ViewSave(ListTool):
    """Keep the list as it is now under a name."""

    template_name = "generic/saved_view.html"

    def get_title(self) -> str:
        return _("Save this view")

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        query = QueryDict(request.GET.get("query", "")).urlencode()
        columns = request.GET.getlist("columns")
        return self.render(form=SavedViewForm(membership=self.membership), query=query, columns=columns)

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        listing = self.list_page.listing(QueryDict(request.POST.get("query", "")))
        form = SavedViewForm(request.POST, membership=self.membership)
        columns = [key for key in request.POST.getlist("columns") if key in self.list_page.table.columns]
        if form.is_valid():
            try:
                view = operations.save_view(
                    membership=self.membership, kind=kind, query=listing.query, columns=columns, **form.cleaned_data
                )
                messages.success(request, _("The view “%(name)s” was saved.") % {"name": view.name})
                return redirect(self.list_page.url("list") + view.link)
            except CrmError as error:
                form.add_error(None, str(error))
        errors = list(errors_in_order(form))
        return self.render(status=422, form=form, errors=errors, query=listing.query, columns=columns)


class ViewChange(ListTool):
    """Rename a saved view, share it otherwise, or delete it."""

    template_name = "generic/saved_view.html"

    @cached_property
    def view(self) -> SavedView:
        for view in saved_views(self.kwargs["kind"], self.membership):
            if view.name and view.pk == self.kwargs["pk"]:
                return view
        raise Http404

    def check_access(self) -> None:
        super().check_access()
        if not operations.may_change_view(self.view, self.membership):
            raise PermissionDenied

    def get_title(self) -> str:
        return _("Change the view “%(name)s”") % {"name": self.view.name}

    def get(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        return self._page(ViewChangeForm(initial=vars(self.view), membership=self.membership))

    def post(self, request: HttpRequest, kind: str, pk: int) -> HttpResponse:
        if "delete" in request.POST:
            self.view.delete()
            messages.success(request, _("The view “%(name)s” was deleted.") % {"name": self.view.name})
            return self.back()
        form = ViewChangeForm(request.POST, membership=self.membership)
        if form.is_valid():
            try:
                operations.change_view(view=self.view, membership=self.membership, **form.cleaned_data)
                return redirect(self.list_page.url("list") + self.view.link)
            except ViewChanged as error:
                form.add_error(None, str(error))
                # Whoever saves again has read it.
                sent = request.POST.copy()
                sent["version"] = str(self.view.version)
                form.data = sent
            except CrmError as error:
                form.add_error("name", str(error))
        return self._page(form, status=422)

    def _page(self, form: SavedViewForm, status: int = 200) -> HttpResponse:
        return self.render(status=status, form=form, errors=list(errors_in_order(form)), view=self.view)


class ListExport(ListTool):
    """Write the list as it is filtered into a file: a job."""

    http_method_names = ["post"]

    def check_access(self) -> None:
        if not self.list_page.policy.allows(self.membership, "export"):
            raise PermissionDenied

    def post(self, request: HttpRequest, kind: str) -> HttpResponse:
        from crm.exports import start_export

        listing = self.list_page.listing(QueryDict(request.POST.get("query", "")))
        job = start_export(
            kind=kind,
            query=listing.query,
            columns=request.POST.getlist("columns"),
            format=request.POST.get("format", "csv"),
            tenant=self.tenant,
            user=self.request.user,
        )
        return redirect("jobs:job_detail", job.pk)


class ListBulk(ListTool):
    """One action on many rows. First the page that asks, then the doing; many rows are a job."""

    template_name = "generic/bulk.html"
    http_method_names = ["post"]

    def check_access(self) -> None:
        super().check_access()
        if not self.list_page.policy.allows(self.membership, self.action.permission):
            raise PermissionDenied

    @cached_property
    def action(self) -> BulkAction:
        for action in self.list_page.bulk_actions:
            if action.verb == self.kwargs["verb"]:
                return action(self.membership)
        raise Http404

    @cached_property
    def query(self) -> str:
        return self.list_page.listing(QueryDict(self.request.POST.get("query", ""))).query

    @cached_property
    def ids(self) -> list[int] | None:
        """What was ticked; None for all that match the filter."""
        if "all" in self.request.POST:
            return None
        return sorted({int(raw) for raw in self.request.POST.getlist("ids")[:_MOST_IDS] if is_id(raw)})

    def get_title(self) -> str:
        return str(self.action.label)

    def post(self, request: HttpRequest, kind: str, verb: str) -> HttpResponse:
        if self.ids == []:
            raise NothingChosen
        rows = chosen_rows(self.list_page, self.query, self.ids)
        is_sent = "confirmed" in request.POST
        form = self.bound_form(request.POST if is_sent else None)
        if not is_sent or not form.is_valid():
            status = 422 if is_sent else 200
            return self._ask(form, rows, status)
        count = capped_count(rows, cap=AT_ONCE)
        return self._as_job(count) if count.is_capped else self._at_once(rows, form)

    def _ask(self, form: forms.BaseForm, rows: QuerySet, status: int) -> HttpResponse:
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
        # Counting what goes along with a million rows would take longer than anybody waits for a question.
        along = self.action.goes_along(ids) if len(ids) <= AT_ONCE else []
        count = Count(len(ids)) if len(ids) <= AT_ONCE else capped_count(rows)
        return self.render(status=status, form=form, errors=list(errors_in_order(form)), count=count, along=along)

    def bound_form(self, data: QueryDict | None) -> TenantForm:
        return (self.action.form or TenantForm)(data, membership=self.membership)

    def _at_once(self, rows: QuerySet, form: forms.BaseForm) -> HttpResponse:
        total = Outcome()
        for outcome, _last in run_in_batches(self.action, rows, form.cleaned_data):
            total.add(outcome)
        messages.success(self.request, said(total))
        return self.back(self.query)

    def _as_job(self, count: Count) -> HttpResponse:
        data = {key: values for key, values in self.request.POST.lists() if key not in _NOT_INPUT}
        job = start_job(
            "pages.bulk",
            tenant=self.tenant,
            user=self.request.user,
            params={
                "kind": self.kwargs["kind"],
                "verb": self.action.verb,
                "query": self.query,
                "ids": self.ids,
                "data": data,
            },
            title=f"{self.action.label} · {self.list_page.kinds_label}",
        )
        return redirect("jobs:job_detail", job.pk)


class ListPick(ListTool):
    """The records to offer in a field that chooses one of this kind: `[{"value": 7, "text": "Acme"}]`."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, kind: str) -> HttpResponse:
        text = request.GET.get("q", "").replace("\0", "").strip()[:100]
        rows = self.list_page.pick(self.list_page.visible(), text)[:_PICKED]
        return JsonResponse({"items": [{"value": row.pk, "text": str(row)} for row in rows]})


_NOT_INPUT = {"csrfmiddlewaretoken", "confirmed", "ids", "all", "query"}


def chosen_rows(page: ListPage, query: str, ids: list[int] | None) -> QuerySet:
    """The rows an action is about: of what the member sees, those ticked, or those the filter finds."""
    if ids is not None:
        return page.visible().filter(pk__in=ids)
    return page.listing(QueryDict(query)).rows


def said(outcome: Outcome) -> str:
    done = ngettext("%(number)s entry changed.", "%(number)s entries changed.", outcome.changed) % {
        "number": formats.number(outcome.changed)
    }
    if not outcome.refused:
        return done
    left = ngettext(
        "%(number)s was left as it is: you may not change it.",
        "%(number)s were left as they are: you may not change them.",
        outcome.refused,
    ) % {"number": formats.number(outcome.refused)}
    return f"{done} {left}"
