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
    "draft": "yellow",
    "undone": "gray",
}


def state_of(run: Import) -> str:
    """What the badge goes by: the job's state, before it "draft", and after it "undone"."""
    if run.undone_at:
        return "undone"
    if run.is_draft:
        return "draft"
    return run.job.state if run.job else JobState.SUCCEEDED


class StateColumn(BadgeColumn):
    def words(self, row):
        return str(row.state_label)


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
    noted_count = CountColumn(_("Incomplete"), visible=False)
    user = PersonColumn(_("Imported by"))
    created_at = DateTimeColumn(_("Created"), sort="created_at")

    default_sort = "-created_at"
