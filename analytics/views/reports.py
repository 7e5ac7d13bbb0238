"""The reports that one may ask for, one report with its parameters, and what was made."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.errors import UnknownReport
from crm.jobs.filters import JobFilter
from crm.jobs.models import Job
from crm.jobs.tables import STATE_COLORS
from crm.pages.forms import errors_in_order
from crm.pages.views import ListPage
from crm.pages.views.base import Crumb, MemberPage
from crm.pages.views.list import Empty

from ..forms.reports import run_form
from ..models import Schedule
from ..reports.choices import ReportFormat
from ..reports.parameters import ReportForm
from ..reports.registry import Report, find_report, open_reports
from ..reports.running import MAKE_REPORT, start_report
from ..tables.schedules import RunTable

SHOWN_RUNS = 6
# Of other reports too: which report a job made, its parameters say.
READ_RUNS = 60


class ReportsPage(MemberPage):
    """All reports that this member may ask for."""

    template_name = "analytics/reports.html"
    title = _("Reports")

    @cached_property
    def reports(self) -> list[Report]:
        return open_reports(self.membership)

    def check_access(self) -> None:
        if not self.reports:
            raise PermissionDenied

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render(reports=self.reports, may_schedule=policy_for(Schedule).allows(self.membership, "view"))


class ReportPage(MemberPage):
    """One report: what it is asked for, and what was made lately."""

    template_name = "analytics/report.html"

    @cached_property
    def report(self) -> Report:
        try:
            return find_report(self.kwargs["report"])
        except UnknownReport:
            raise Http404 from None

    def check_access(self) -> None:
        if not self.report.is_open_to(self.membership):
            raise PermissionDenied

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        known = self.report.form.base_fields
        initial = {name: value for name, value in request.GET.items() if name in known}
        return self._page(run_form(self.report)(initial=initial, membership=self.membership))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = run_form(self.report)(request.POST, membership=self.membership)
        if not form.is_valid():
            return self._page(form, status=422)
        cleaned = form.cleaned_data
        job = start_report(
            self.report,
            self.membership,
            self.report.form.kept(cleaned),
            ReportFormat(cleaned["format"]),
            cleaned["language"],
        )
        return redirect(job)

    def _page(self, form: ReportForm, status: int = 200) -> HttpResponse:
        return self.render(
            status=status,
            report=self.report,
            form=form,
            errors=list(errors_in_order(form)),
            runs=self._runs(),
            colors=STATE_COLORS,
            schedule_url=self._schedule_url(),
        )

    def _runs(self) -> list[Job]:
        own = visible(self.membership, Job).filter(user=self.request.user, kind=MAKE_REPORT).select_related("result")
        lately = own.order_by("-created_at", "-pk")[:READ_RUNS]
        return [job for job in lately if job.params.get("report") == self.report.key][:SHOWN_RUNS]

    def _schedule_url(self) -> str:
        if not policy_for(Schedule).allows(self.membership, "create"):
            return ""
        return f"{reverse('analytics:schedule_create')}?report={self.report.key}"

    def get_title(self) -> str:
        return str(self.report)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(gettext("Reports"), reverse("analytics:reports"))]


class RunList(ListPage):
    """The reports that were made for a person. Each is a job, and its page is the job's."""

    model = Job
    kind = "report_runs"
    title = _("Reports made")
    table = RunTable
    filterset = JobFilter
    empty = Empty(
        _("No reports yet"),
        _("Choose a report, say for when, and its file will be here for two weeks."),
        icon="report-analytics",
    )

    def get_queryset(self):
        return self.tenant.jobs.filter(kind=MAKE_REPORT)

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(gettext("Reports"), reverse("analytics:reports"))]

    @classmethod
    def url_name(cls, verb: str) -> str:
        return "analytics:report_runs" if verb == "list" else super().url_name(verb)
