"""How deals, leads and stages look outside a table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from babel.dates import format_timedelta
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm.pages import formats
from crm.pages.columns import badge

from .. import cards
from ..board import Total
from ..models import Deal, Lead, Stage
from ..tables.deals import STATUS_COLORS
from ..tables.leads import STATUS_COLORS as LEAD_COLORS

register = template.Library()


@register.simple_tag
def stage_badge(stage: Stage) -> SafeString:
    return badge(stage.name, STATUS_COLORS[stage.kind])  # type: ignore[index]  # its value is the choice


@register.filter
def stage_color(stage: Stage) -> str:
    return STATUS_COLORS[stage.kind]  # type: ignore[index]  # its value is the choice


@register.simple_tag
def lead_badge(lead: Lead) -> SafeString:
    return badge(lead.get_status_display(), LEAD_COLORS[lead.status])  # type: ignore[index]  # its value is the choice


@register.simple_tag
def deal_cards(deals: Iterable[Deal], may_move: bool) -> SafeString:
    return cards.cards(deals, may_move=may_move)


@register.simple_tag
def totals(found: Iterable[Total]) -> SafeString:
    """What lies in a stage, currency by currency."""
    with formats.writing():
        return format_html_join(
            "",
            '<span class="gx-total" title="{}">{}</span>',
            ((formats.money(one.amount, one.currency), formats.short_money(one.amount, one.currency)) for one in found),
        )


@register.filter
def lasted(seconds: int) -> str:
    """How long something took, in the largest unit that says it: 3 weeks, 2 days, 5 hours."""
    return format_timedelta(seconds, threshold=1.2, locale=formats.current_locale())


@register.filter
def lasted_until(since: datetime, now: datetime) -> str:
    return lasted(max(0, int((now - since).total_seconds())))


@register.simple_tag
def due_day(day: date | None) -> str | SafeString:
    """A day on which a deal should close; what is past stands out."""
    if day is None:
        return ""
    late = " gx-late" if day < formats.today() else ""
    return format_html(
        '<time class="gx-due{}" datetime="{}" title="{}">{}</time>',
        late,
        day.isoformat(),
        formats.day(day),
        formats.short_day(day),
    )
