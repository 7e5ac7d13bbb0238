from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from crm.errors import UnknownReport
from crm.jobs.tables import STATE_COLORS
from crm.pages.filters import in_words
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage, PageAction
from crm.pages.views.list import Empty

from ..filters.schedules import ScheduleFilter
from ..forms.reports import ScheduleForm, schedule_form
from ..models import Schedule
from ..operations.schedules import readers_of, run_now, save_schedule
from ..reports.registry import Report, find_report, open_reports
from ..tables.schedules import ScheduleTable


class ScheduleList(ListPage):
    model = Schedule
    kind = "schedules"
    table = ScheduleTable
    filterset = ScheduleFilter
    empty = Empty(
        _("No schedules yet"),
        _("A schedule makes a report every week or month and mails it to whoever shall have it."),
        icon="calendar-time",
    )

    def get_queryset(self):
        return self.tenant.schedules.all()


class ScheduleDetail(DetailPage):
    model = Schedule
    table = ScheduleTable
    template_name = "analytics/schedule_detail.html"
    sections = (
        ("", ["report", "format", "when", "next_at", "last_at", "owner"]),
        (_("This entry"), ["created_at", "updated_at"]),
    )
    actions = (PageAction("run", _("Send now"), "send"),)

    def get_queryset(self) -> QuerySet:
        return self.tenant.schedules.select_related("owner")

    def get_context(self, **context: Any) -> dict[str, Any]:
        schedule = cast(Schedule, self.object)
        report = _report_of(schedule)
        may_see = {one.user_id for one in readers_of(report, self.tenant)} if report else set()
        return super().get_context(
            recipients=[
                (one, one.user_id in may_see)
                for one in schedule.recipients.select_related("user", "last_job").order_by("user__name", "pk")
            ],
            parameters=_parameters_in_words(schedule, report, self.membership),
            colors=STATE_COLORS,
            **context,
        )


class ScheduleEdit(EditPage):
    """New, for a report that the address or the form names; without one it is chosen first."""

    model = Schedule
    choice_template = "analytics/schedule_report.html"

    @cached_property
    def report(self) -> Report | None:
        if not self.is_new:
            return _report_of(cast(Schedule, self.object))
        key = self.request.POST.get("report") or self.request.GET.get("report") or ""
        return next((report for report in open_reports(self.membership) if report.key == key), None)

    @property
    def form(self) -> type[ScheduleForm]:  # type: ignore[override]  # the fields differ with the report
        return schedule_form(self.report) if self.report else ScheduleForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.report else self._choice()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().post(request, *args, **kwargs) if self.report else self._choice(status=422)

    def _choice(self, status: int = 200) -> HttpResponse:
        if not self.is_new:
            raise UnknownReport(name=cast(Schedule, self.object).report, reports=", ".join(self._keys()))
        reports = open_reports(self.membership)
        return self.render(status=status, template=self.choice_template, reports=reports)

    def _keys(self) -> list[str]:
        return [report.key for report in open_reports(self.membership)]

    def get_initial(self) -> dict[str, Any]:
        return {"name": str(self.report)} | super().get_initial() if self.report else {}

    def save(self, form):
        schedule = form.save(commit=False)
        schedule.parameters = form.parameters()
        if self.report is not None:
            schedule.report = self.report.key
        recipients = [int(user_id) for user_id in form.cleaned_data["recipients"]]
        return save_schedule(schedule=schedule, recipients=recipients, user=self.request.user)


class ScheduleDelete(DeletePage):
    model = Schedule


class ScheduleRun(ActionPage):
    model = Schedule
    permission = "run"
    label = _("Send now")
    question = _("The report is made now and mailed to its recipients. The next time stays as it is.")
    adds = True

    def act(self, obj, data):
        count = len(run_now(schedule=obj, tenant=self.tenant))
        said = ngettext("The report is made for %(count)s person.", "The report is made for %(count)s people.", count)
        messages.success(self.request, said % {"count": count})


def _report_of(schedule: Schedule) -> Report | None:
    """None for a report that is not there any more."""
    try:
        return find_report(schedule.report)
    except UnknownReport:
        return None


def _parameters_in_words(schedule: Schedule, report: Report | None, membership: Any) -> list[tuple[str, str]]:
    """What it asks for, as the form says it: "Last month" and not a month."""
    if report is None or not isinstance(schedule.parameters, dict):
        return []
    form = report.form.of(membership, schedule.parameters)
    form.is_valid()
    cleaned = form.cleaned_data
    return [
        (str(field.label), in_words(field, cleaned[name]))
        for name, field in form.fields.items()
        if cleaned.get(name) not in (None, "")
    ]
