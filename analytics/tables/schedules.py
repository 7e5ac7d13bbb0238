from django.utils.translation import gettext_lazy as _

from crm.errors import UnknownReport
from crm.jobs.tables import STATE_COLORS, MomentColumn, ProgressColumn
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    PersonColumn,
    RelatedColumn,
    Table,
    YesNoColumn,
)

from ..models import Schedule
from ..reports.registry import find_report


def report_title(schedule: Schedule) -> str:
    """The title in the language of whoever looks; the key, where there is no such report any more."""
    try:
        return str(find_report(schedule.report))
    except UnknownReport:
        return schedule.report


class ScheduleTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    report = Column(_("Report"), accessor=report_title)
    when = Column(_("When"), accessor="in_words")
    format = ChoiceColumn(_("Format"))
    next_at = MomentColumn(_("Next time"), sort="next_at")
    last_at = MomentColumn(_("Last time"), visible=False)
    is_active = YesNoColumn(_("In use"), visible=False)
    owner = PersonColumn(_("Owner"))
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at", visible=False)

    default_sort = "-updated_at"


class RunTable(Table):
    """Reports that were made: each is a job."""

    title = LinkColumn(_("Report"), accessor=str, note=lambda job: job.error)
    state = ChoiceColumn(_("State"), colors=STATE_COLORS)
    percent = ProgressColumn(_("Progress"))
    result = RelatedColumn(_("File"))
    user = PersonColumn(_("For"))
    created_at = MomentColumn(_("Created"), sort="created_at")

    default_sort = "-created_at"
