from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import (
    ChoicesFilter,
    DayRangeFilter,
    FilledFilter,
    PrefixFilter,
    RecordFilter,
    RelatedFilter,
    TenantFilterSet,
)
from crm.segmentable.traits import Asked
from customers.models import Customer

from .choices import CampaignState, Result, SendState, SuppressionReason
from .models import Campaign, CampaignResult, EmailTemplate, Segment, Send, Suppression


class SegmentFilter(RelatedFilter):
    """The customers of a segment, in the list of customers."""

    def __init__(self, *args, **kwargs):
        super().__init__(Segment, *args, **kwargs)

    def filter(self, qs, value):
        if not value:
            return qs
        return qs.filter(value.read().q(Asked.now(self.parent.request.tenant, timezone.now())))


class SegmentListFilter(TenantFilterSet):
    name = PrefixFilter(label=_("Name begins with"))
    created_at = DayRangeFilter(label=_("Created"))

    class Meta:
        model = Segment
        fields: list[str] = []


class EmailTemplateFilter(TenantFilterSet):
    name = PrefixFilter(label=_("Name begins with"))
    language = ChoicesFilter(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = EmailTemplate
        fields: list[str] = []


class CampaignFilter(TenantFilterSet):
    state = ChoicesFilter(label=_("State"), choices=CampaignState.choices)
    segment = RelatedFilter(Segment, label=_("Segment"))
    template = RelatedFilter(EmailTemplate, label=_("Template"))
    name = PrefixFilter(label=_("Name begins with"))
    started_at = DayRangeFilter(label=_("Began"))

    class Meta:
        model = Campaign
        fields: list[str] = []

    quick = {"state"}


class SendFilter(TenantFilterSet):
    campaign = RecordFilter(Campaign, label=_("Campaign"))
    customer = RecordFilter(Customer, label=_("Customer"))
    state = ChoicesFilter(label=_("State"), choices=SendState.choices)
    opened = FilledFilter(field_name="opened_at", label=_("Opened"))
    clicked = FilledFilter(field_name="clicked_at", label=_("Clicked"))
    unsubscribed = FilledFilter(field_name="unsubscribed_at", label=_("Unsubscribed"))

    class Meta:
        model = Send
        fields: list[str] = []

    quick = {"campaign"}


class SuppressionFilter(TenantFilterSet):
    email = PrefixFilter(label=_("E-mail begins with"))
    reason = ChoicesFilter(label=_("Reason"), choices=SuppressionReason.choices)
    created_at = DayRangeFilter(label=_("Since"))

    class Meta:
        model = Suppression
        fields: list[str] = []

    quick = {"email"}


class CampaignResultFilter(TenantFilterSet):
    result = ChoicesFilter(label=_("Result"), choices=Result.choices)
    ad = PrefixFilter(label=_("Advertisement begins with"))
    campaign = RecordFilter(Campaign, label=_("Campaign"))
    result_on = DayRangeFilter(label=_("Day"))

    class Meta:
        model = CampaignResult
        fields: list[str] = []
