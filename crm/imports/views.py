"""The wizard: a file, what its columns mean, what happens to known records, a last look; then the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.policy import visible
from crm.errors import CrmError
from crm.pages.forms import errors_in_order
from crm.pages.ids import is_id
from crm.pages.views import ActionPage, ListPage
from crm.pages.views.base import Crumb, ObjectPage, Page
from crm.pages.views.list import Empty

from . import operations
from .faults import Fault
from .forms import ColumnsForm, OptionsForm, ReadingForm, UploadForm
from .models import Import, ImportRow, Kept, RowError
from .pipeline import plan_of, preview_plan
from .registry import OnMatch
from .sample import Sample
from .tables import STATE_COLORS, ImportTable, state_of

ERRORS_SHOWN = 100


class ImportList(ListPage):
    model = Import
    kind = "imports"
    table = ImportTable
    empty = Empty(
        gettext_lazy("No imports yet"),
        gettext_lazy(
            "Bring in customers, contacts or follow-ups from a CSV or Excel file. Every import can be undone."
        ),
        icon="upload",
    )

    def get_queryset(self):
        return self.tenant.imports.select_related("job", "user").defer("sample")


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the wizard, as the row of steps shows it."""

    label: str
    url: str
    is_current: bool


class DraftPage(ObjectPage):
    """A step of the wizard. An import that has begun is shown instead."""

    model = Import
    permission = "edit"
    step = ""

    def get_queryset(self):
        return self.tenant.imports.select_related("file", "job", "tenant")

    @property
    def run(self) -> Import:
        return cast(Import, self.object)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Access is judged by the family first; a page of an import that has begun does no harm.
        if self.membership is not None and self.visible().filter(pk=kwargs["pk"], job__isnull=False).exists():
            return redirect("imports:import_detail", kwargs["pk"])
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    @cached_property
    def sample(self) -> Sample:
        return Sample.from_json(self.run.sample)

    @property
    def steps(self) -> list[Step]:
        labels = {"columns": _("Columns"), "options": _("Known records"), "confirm": _("Check and start")}
        return [Step(label, self.url(verb, self.run), verb == self.step) for verb, label in labels.items()]

    def get_title(self) -> str:
        return _("Import: %(kind)s") % {"kind": self.run.kind_label}

    def problem_with_choices(self) -> CrmError | None:
        """Why the import could not start as it is."""
        try:
            plan_of(self.run, self.run.columns, self.membership)
        except CrmError as error:
            return error
        return None


class ImportUpload(Page):
    """The first step: which file, and what is in it."""

    model = Import
    permission = "create"
    template_name = "imports/import_upload.html"
    title = gettext_lazy("Import a file")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(UploadForm(membership=self.membership, initial={"kind": request.GET.get("kind", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = UploadForm(request.POST, request.FILES, membership=self.membership)
        if form.is_valid():
            try:
                run = operations.begin_import(
                    tenant=self.tenant,
                    membership=self.membership,
                    kind=form.cleaned_data["kind"],
                    source=form.cleaned_data["file"],
                    name=form.cleaned_data["file"].name,
                )
                return redirect("imports:import_columns", run.pk)
            except CrmError as error:
                form.add_error("file", str(error))
        return self._page(form, status=422)

    def _page(self, form: UploadForm, status: int = 200) -> HttpResponse:
        return self.render(status=status, form=form, errors=list(errors_in_order(form)), back_url=self.url("list"))


class ImportReading(DraftPage):
    """Read the file another way: encoding, delimiter, sheet, row of headings."""

    http_method_names = ["post"]
    lock = True

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ReadingForm(request.POST, membership=self.membership, sheets=self.sample.sheets)
        if form.is_valid():
            operations.read_again(run=self.run, membership=self.membership, reading=form.options())
        else:
            messages.error(request, " ".join(message for _bound, message in errors_in_order(form)))
        return redirect("imports:import_columns", pk)


class ImportColumns(DraftPage):
    """What each column means, above the first rows and what is wrong with them."""

    template_name = "imports/import_columns.html"
    step = "columns"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(ColumnsForm(run=self.run, rows=self.sample.rows, membership=self.membership))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ColumnsForm(request.POST, run=self.run, rows=self.sample.rows, membership=self.membership)
        if not form.is_valid():
            return self._page(form, status=422)
        run = self.run
        run = operations.choose(
            run=run,
            columns=form.mapping(),
            match_key=run.match_key,
            on_match=OnMatch(run.on_match),
            month_first=run.month_first,
            own=run.own,
        )
        return redirect("imports:import_options" if "next" in request.POST else "imports:import_columns", pk)

    def _page(self, form: ColumnsForm, status: int = 200) -> HttpResponse:
        rows, bad = self._preview(form.positions)
        reading = self.run.reading
        return self.render(
            status=status,
            form=form,
            errors=list(errors_in_order(form)),
            columns=[self.run.columns[position] for position in form.positions],
            rows=rows,
            bad_count=bad,
            left_out=len(self.run.columns) - len(form.positions),
            reading_form=ReadingForm(membership=self.membership, sheets=self.sample.sheets, initial=reading),
        )

    def _preview(self, positions: list[int]) -> tuple[list[dict[str, Any]], int]:
        """The first rows, each cell with what is wrong with it; and how many rows have something wrong."""
        plan = preview_plan(self.run)
        rows = []
        for row in self.sample.rows:
            problems: dict[int, str] = {}
            whole = ""
            for name, fault in plan.problems(row.cells):
                if name:
                    problems[plan.mapping[name]] = str(Fault(fault).label)
                else:
                    whole = str(Fault(fault).label)
            names = self.run.columns
            cells = [(names[at], row.cells[at], problems.get(at, "")) for at in positions]
            rows.append({"number": row.number, "cells": cells, "problem": whole, "is_bad": bool(problems or whole)})
        return rows, sum(bool(row["is_bad"]) for row in rows)


class ImportOptions(DraftPage):
    """How known records are recognised, and what happens to them."""

    template_name = "imports/import_options.html"
    step = "options"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(OptionsForm(run=self.run, membership=self.membership))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = OptionsForm(request.POST, run=self.run, membership=self.membership)
        if not form.is_valid():
            return self._page(form, status=422)
        data = form.cleaned_data
        operations.choose(
            run=self.run,
            columns=self.run.mapping,
            match_key=data["match_key"],
            on_match=OnMatch(data["on_match"]),
            month_first=data["month_first"],
            own=data.get("own", False),
        )
        return redirect("imports:import_confirm", pk)

    def _page(self, form: OptionsForm, status: int = 200) -> HttpResponse:
        return self.render(status=status, form=form, errors=list(errors_in_order(form)))


class ImportConfirm(DraftPage):
    """A last look; the POST starts the job."""

    template_name = "imports/import_confirm.html"
    step = "confirm"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run
        labels = {one.name: one.label for one in run.declaration.fields}
        chosen = sorted((position, labels[name]) for name, position in run.mapping.items())
        key = run.declaration.key(run.match_key).label if run.match_key else ""
        return self.render(
            chosen=[(run.columns[position], label) for position, label in chosen],
            left_out=[name for position, name in enumerate(run.columns) if position not in run.mapping.values()][:50],
            key=key,
            on_match=OnMatch(run.on_match).label,
            problem=self.problem_with_choices(),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        operations.start_import(run=self.run, membership=self.membership)
        return redirect("imports:import_detail", pk)


class ImportDetail(ObjectPage):
    """How far the import is, what came of it, and why rows were left out."""

    model = Import
    template_name = "imports/import_detail.html"

    def get_queryset(self):
        return self.tenant.imports.select_related("file", "user", "job__result", "undo_job")

    @property
    def run(self) -> Import:
        return cast(Import, self.object)

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = self.run
        if run.is_draft:
            return redirect("imports:import_columns", pk)
        errors = self._errors(request.GET.get("after", ""))
        return self.render(
            run=run,
            state_color=STATE_COLORS.get(state_of(run), ""),
            labels={one.name: one.label for one in run.declaration.fields},
            errors=errors[:ERRORS_SHOWN],
            next_errors=errors[ERRORS_SHOWN - 1].pk if len(errors) > ERRORS_SHOWN else "",
            kept=self._kept(),
            running=self.running_job,
            stopped_undo=self.stopped_undo,
            may_undo=run.can_undo and self.policy.allows(self.membership, "undo", run),
        )

    @property
    def running_job(self):
        """The job to wait for: the import's, or the one that undoes it."""
        for job in (self.run.undo_job, self.run.job):
            if job is not None and not job.is_finished:
                return job
        return None

    @property
    def stopped_undo(self):
        """The job that began to undo the import and ended before it was through; it can be told to go on."""
        job = self.run.undo_job
        return job if job is not None and job.is_finished and self.run.undone_at is None else None

    def get_crumbs(self) -> list[Crumb]:
        return super().get_crumbs()[:-1]

    def _errors(self, after: str) -> list[RowError]:
        """A page of errors and one more, which says that there is a next one. In the order they were written."""
        errors = self.run.row_errors.order_by("row_no", "pk")
        last = self.run.row_errors.filter(pk=after).first() if is_id(after) else None
        if last is not None:
            errors = errors.filter(row_no__gte=last.row_no).exclude(row_no=last.row_no, pk__lte=last.pk)
        labels = {one.name: one.label for one in self.run.declaration.fields}
        found = list(errors[: ERRORS_SHOWN + 1])
        for error in found:
            error.field_label = labels.get(error.field, error.field)  # type: ignore[attr-defined]  # for the template
        return found

    def _kept(self) -> list[tuple[int, Model | None, str]]:
        """What undoing left as it is: line, the record (None when it is gone or out of sight), reason."""
        if not self.run.kept_count:
            return []
        rows = list(ImportRow.objects.filter(of_import=self.run).exclude(kept="").order_by("row_no")[:ERRORS_SHOWN])
        records = visible(self.membership, self.run.declaration.model).in_bulk([row.record_id for row in rows])
        return [(row.row_no, records.get(row.record_id), str(Kept(row.kept).label)) for row in rows]


class ImportUndo(ActionPage):
    model = Import
    template_name = "imports/import_undo.html"
    permission = "undo"
    label = gettext_lazy("Undo this import")
    is_dangerous = True

    def get_queryset(self):
        return self.tenant.imports.all()

    def act(self, obj, data):
        operations.start_undo(run=obj, membership=self.membership)


class ImportDelete(ActionPage):
    """Throw a draft away."""

    model = Import
    permission = "delete"
    label = gettext_lazy("Discard this import")
    question = gettext_lazy("Nothing has been imported yet. The uploaded file is removed.")
    is_dangerous = True
    done = gettext_lazy("The import was discarded.")

    def get_queryset(self):
        return self.tenant.imports.all()

    def act(self, obj, data):
        operations.discard(run=obj)
        return self.url("list")
