from django.utils.translation import gettext_lazy as _

from crm.jobs.models import Job
from crm.jobs.tables import STATE_COLORS, MomentColumn, ProgressColumn
from crm.pages.registry import list_pages
from crm.pages.tables import ChoiceColumn, Column, LinkColumn, PersonColumn, RelatedColumn, Table


def what_was_exported(job: Job) -> str:
    kind = job.params.get("kind", "")
    return list_pages[kind]().kinds_label if kind in list_pages else kind


class ExportTable(Table):
    records = LinkColumn(_("Records"), accessor=what_was_exported)
    state = ChoiceColumn(_("State"), colors=STATE_COLORS)
    percent = ProgressColumn(_("Progress"))
    total = Column(_("Rows"))
    result = RelatedColumn(_("File"))
    user = PersonColumn(_("Started by"))
    created_at = MomentColumn(_("Created"), sort="created_at")

    default_sort = "-created_at"
