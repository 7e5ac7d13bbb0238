from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.files.responses import download
from crm.pages.views import ActionPage, DetailPage, ListPage
from crm.pages.views.base import ObjectPage
from crm.pages.views.list import Empty

from .choices import JobState
from .filters import JobFilter
from .models import Job
from .operations import cancel_job, retry_job
from .tables import STATE_COLORS, JobTable


class JobList(ListPage):
    model = Job
    kind = "jobs"
    table = JobTable
    filterset = JobFilter
    empty = Empty(
        _("No jobs yet"),
        _("Imports, exports and other long work show here: how far they are, what went wrong, and their files."),
        icon="progress",
    )

    def get_queryset(self):
        return self.tenant.jobs.all()


class JobPage(ObjectPage):
    """A page that shows how far one job is."""

    model = Job

    def get_queryset(self):
        return self.tenant.jobs.select_related("user", "result")

    @property
    def job(self) -> Job:
        return cast(Job, self.object)

    def get_context(self, **context: Any) -> dict[str, Any]:
        allows = self.policy.allows
        return super().get_context(
            may_cancel=self.job.can_cancel and allows(self.membership, "cancel", self.job),
            may_retry=self.job.can_retry and allows(self.membership, "retry", self.job),
            share=(self.job.percent or 0) / 100,
            state_color=STATE_COLORS[JobState(self.job.state)],
            **context,
        )


class JobDetail(JobPage, DetailPage):
    template_name = "jobs/job_detail.html"
    table = JobTable
    sections = (("", ["user", "created_at", "started_at", "finished_at", "attempts"]),)

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(shows_detail=self.membership.has_role(Role.ADMIN), **context)


class JobProgress(JobPage):
    """The part of the page that a browser asks for again and again."""

    template_name = "jobs/job_progress.html"
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = self.render()
        response["Cache-Control"] = "no-store"
        return response


class JobResult(JobPage):
    """The file that the job made."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        if self.job.result is None:
            raise Http404
        return download(self.job.result)


class JobCancel(ActionPage):
    model = Job
    template_name = "jobs/job_cancel.html"
    permission = "cancel"
    label = _("Cancel this job")
    question = _("What it has done so far stays as it is.")
    is_dangerous = True
    done = _("The job is being cancelled.")

    def act(self, obj, data):
        cancel_job(job=obj)


class JobRetry(ActionPage):
    model = Job
    permission = "retry"
    label = _("Try again")
    question = _("The job goes on from where it was.")
    done = _("The job is tried again.")

    def act(self, obj, data):
        retry_job(job=obj)
