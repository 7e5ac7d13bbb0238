from django.utils.translation import gettext_lazy as _

from crm.jobs.filters import JobFilter
from crm.jobs.models import Job
from crm.pages.views import ListPage
from crm.pages.views.list import Empty

from .tables import ExportTable


class ExportList(ListPage):
    """The files a person has had written. An export is a job, and its page is the job's."""

    model = Job
    kind = "exports"
    title = _("Exports")
    table = ExportTable
    filterset = JobFilter
    empty = Empty(
        _("No exports yet"),
        _("Open a list, filter it as you like, and choose “Export”: the file will be here."),
        icon="file-export",
    )

    def get_queryset(self):
        return self.tenant.jobs.filter(kind="exports.build")

    @classmethod
    def url_name(cls, verb: str) -> str:
        return "exports:export_list" if verb == "list" else super().url_name(verb)
