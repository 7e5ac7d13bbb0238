from django.utils.translation import gettext_lazy as _

from crm.jobs.choices import JobState
from crm.pages.columns import EMPTY
from crm.pages.tables import BadgeColumn, Column, DateTimeColumn, LinkColumn, NumberColumn, PersonColumn, Table

from .models import Import

STATE_COLORS: dict[str, str] = {
    JobState.QUEUED: "azure",
    JobState.RUNNING: "blue",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "orange",
    JobState.DEAD: "red",
}


def state_of(run: Import) -> str:
    """The value that the badge's colour goes by: the job's state, or "" for a draft and an import that was undone."""
    if run.undone_at or run.is_draft:
        return ""
    return run.job.state if run.job else JobState.SUCCEEDED


class StateColumn(BadgeColumn):
    def words(self, row):
        return str(row.state_label)

    def html(self, row):
        return self.show(self.value(row), row)


class CountColumn(NumberColumn):
    """Nothing yet, rather than 0, for a draft."""

    def html(self, row):
        return EMPTY if row.is_draft else super().html(row)


class ImportTable(Table):
    file_name = LinkColumn(_("File"))
    kind = Column(_("Kind"), accessor=lambda run: run.kind_label)
    state = StateColumn(_("State"), accessor=state_of, colors=STATE_COLORS)
    row_count = CountColumn(_("Rows"))
    created_count = CountColumn(_("New"))
    updated_count = CountColumn(_("Changed"))
    skipped_count = CountColumn(_("Skipped"), visible=False)
    failed_count = CountColumn(_("With errors"))
    user = PersonColumn(_("Imported by"))
    created_at = DateTimeColumn(_("Created"), sort="created_at")

    default_sort = "-created_at"
