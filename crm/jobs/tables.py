from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from crm.pages import formats
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    NumberColumn,
    PersonColumn,
    RelatedColumn,
    Table,
)

from .choices import JobState

STATE_COLORS = {
    JobState.QUEUED: "gray",
    JobState.RUNNING: "blue",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "orange",
    JobState.DEAD: "red",
}


class ProgressColumn(Column):
    """A bar, and the same in words. Nothing for a job that waits, or whose total is not known."""

    css = "text-nowrap"

    def show(self, value, row):
        said = escape(formats.percent(value / 100))
        return (
            f'<span class="gx-progress"><progress max="100" value="{int(value)}" aria-label="{said}"></progress></span>'
            if not row.is_finished
            else said
        )


class MomentColumn(DateTimeColumn):
    """To the minute: of jobs one asks which of today's it was."""

    def show(self, value, row):
        return f'<time datetime="{value.isoformat()}">{escape(formats.moment(value))}</time>'


class JobTable(Table):
    title = LinkColumn(_("Job"), accessor=str, note=lambda job: job.error or job.message, css="gx-name gx-stacked")
    state = ChoiceColumn(_("State"), colors=STATE_COLORS)
    percent = ProgressColumn(_("Progress"))
    result = RelatedColumn(_("Result"))
    user = PersonColumn(_("Started by"))
    created_at = MomentColumn(_("Created"), sort="created_at")
    started_at = MomentColumn(_("Started"), visible=False)
    finished_at = MomentColumn(_("Finished"), visible=False)
    attempts = NumberColumn(_("Attempts"), visible=False)

    default_sort = "-created_at"
