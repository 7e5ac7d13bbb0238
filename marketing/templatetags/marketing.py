"""Badges of marketing's own choices, for templates."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from crm.pages.columns import badge

from ..models import Campaign, CampaignResult, Send
from ..tables import CAMPAIGN_COLORS, RESULT_COLORS, SEND_COLORS

register = template.Library()


@register.simple_tag
def campaign_state(campaign: Campaign) -> SafeString:
    return badge(campaign.get_state_display(), CAMPAIGN_COLORS.get(campaign.state, ""))


@register.simple_tag
def send_state(send: Send) -> SafeString:
    return badge(send.get_state_display(), SEND_COLORS.get(send.state, ""))


@register.simple_tag
def result_badge(result: CampaignResult) -> SafeString:
    return badge(result.get_result_display(), RESULT_COLORS.get(result.result, ""))
