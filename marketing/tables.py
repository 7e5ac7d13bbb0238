from __future__ import annotations

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.pages import formats
from crm.pages.columns import EMPTY
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    NumberColumn,
    PersonColumn,
    RelatedColumn,
    Table,
)

from .choices import CampaignState, Result, SendState, SuppressionReason

CAMPAIGN_COLORS: dict[str, str] = {
    CampaignState.DRAFT: "gray",
    CampaignState.SCHEDULED: "azure",
    CampaignState.SENDING: "blue",
    CampaignState.PAUSED: "yellow",
    CampaignState.SENT: "green",
    CampaignState.CANCELLED: "red",
}
SEND_COLORS: dict[str, str] = {
    SendState.QUEUED: "gray",
    SendState.CLAIMED: "gray",
    SendState.SENDING: "blue",
    SendState.SENT: "green",
    SendState.FAILED: "red",
    SendState.UNKNOWN: "orange",
    SendState.BOUNCED: "red",
    SendState.SUPPRESSED: "purple",
}
RESULT_COLORS: dict[str, str] = {Result.SUCCESS: "green", Result.FAILURE: "gray"}
REASON_COLORS = {
    SuppressionReason.UNSUBSCRIBED: "purple",
    SuppressionReason.BOUNCED: "orange",
    SuppressionReason.COMPLAINT: "red",
    SuppressionReason.MANUAL: "gray",
}


class ShareColumn(NumberColumn):
    """A count with its share of another count of the row."""

    def __init__(self, label, *, of: str, **options):
        super().__init__(label, **options)
        self._of = of

    def show(self, value, row):
        whole = getattr(row, self._of)
        if not whole:
            return EMPTY
        share = formats.percent(value / whole)
        return format_html('<span>{} <span class="gx-stat-of">{}</span></span>', formats.number(value), share)


class SegmentTable(Table):
    name = LinkColumn(_("Name"), sort="name", note="note")
    created_by = PersonColumn(_("Created by"))
    created_at = DateTimeColumn(_("Created"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"


class EmailTemplateTable(Table):
    name = LinkColumn(_("Name"), sort="name", note="subject")
    language = ChoiceColumn(_("Language"))
    created_by = PersonColumn(_("Created by"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"


class CampaignTable(Table):
    name = LinkColumn(_("Name"), sort="name")
    state = ChoiceColumn(_("State"), colors=CAMPAIGN_COLORS)
    segment = RelatedColumn(_("Segment"))
    template = RelatedColumn(_("Template"), visible=False)
    scheduled_at = DateTimeColumn(_("Scheduled for"), visible=False)
    started_at = DateTimeColumn(_("Began"), sort="started_at")
    recipient_count = NumberColumn(_("Recipients"))
    sent_count = NumberColumn(pgettext_lazy("how many", "Sent"))
    opened_count = ShareColumn(pgettext_lazy("how many", "Opened"), of="sent_count")
    clicked_count = ShareColumn(pgettext_lazy("how many", "Clicked"), of="sent_count")
    unsubscribed_count = NumberColumn(pgettext_lazy("how many", "Unsubscribed"), visible=False)
    bounced_count = NumberColumn(pgettext_lazy("how many", "Came back"), visible=False)
    unknown_count = NumberColumn(pgettext_lazy("how many", "Not known"), visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at", visible=False)

    default_sort = "-updated_at"


class SendTable(Table):
    email = LinkColumn(_("E-mail"), url=lambda send: send.get_absolute_url())
    # The order that the ledger's key keeps, for a campaign; and for a customer its last mails first.
    customer = RelatedColumn(_("Customer"), sort="customer")
    campaign = RelatedColumn(_("Campaign"))
    state = ChoiceColumn(_("State"), colors=SEND_COLORS)
    problem = Column(_("Problem"))
    sent_at = DateTimeColumn(pgettext_lazy("when", "Sent"))
    opened_at = DateTimeColumn(pgettext_lazy("when", "Opened"))
    clicked_at = DateTimeColumn(pgettext_lazy("when", "Clicked"))
    unsubscribed_at = DateTimeColumn(pgettext_lazy("when", "Unsubscribed"), visible=False)

    default_sort = "-customer"


class SuppressionTable(Table):
    email = LinkColumn(_("E-mail"), sort="email")
    reason = ChoiceColumn(_("Reason"), colors=REASON_COLORS)
    campaign = RelatedColumn(_("Campaign"))
    note = Column(_("Note"))
    created_by = PersonColumn(_("Created by"), visible=False)
    created_at = DateTimeColumn(_("Since"), sort="created_at")

    default_sort = "-created_at"


class CampaignResultTable(Table):
    ad = LinkColumn(_("Advertisement"), sort="ad")
    customer = RelatedColumn(_("Customer"))
    result = ChoiceColumn(_("Result"), colors=RESULT_COLORS)
    result_on = DateColumn(_("Day"), sort="result_on")
    campaign = RelatedColumn(_("Campaign"), visible=False)
    note = Column(_("Note"), visible=False)

    default_sort = "-result_on"
