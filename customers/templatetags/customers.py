"""How a customer's stage and the kind of a follow-up look outside a table."""

from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.pages import formats
from crm.pages.columns import badge

from ..choices import ActivityKind
from ..tables import ACTIVITY_COLORS, STAGE_COLORS

register = template.Library()

_ICONS = {
    ActivityKind.CALL: "phone",
    ActivityKind.VISIT: "map-pin",
    ActivityKind.MEETING: "users",
    ActivityKind.EMAIL: "mail",
    ActivityKind.NOTE: "note",
    ActivityKind.TASK: "checkbox",
}


@register.simple_tag
def customer_stage(customer):
    return badge(customer.get_stage_display(), STAGE_COLORS.get(customer.stage, ""))


@register.filter
def activity_icon(activity) -> str:
    return _ICONS[ActivityKind(activity.kind)]


@register.filter
def activity_color(activity) -> str:
    return ACTIVITY_COLORS[ActivityKind(activity.kind)]


@register.simple_tag
def due(day: date | None, today: date) -> str | SafeString:
    """A day on which something is to be done. What is late says by how much, because that is what decides."""
    if day is None:
        return ""
    late = (today - day).days
    if late > 0:
        said = ngettext("%(count)s day late", "%(count)s days late", late) % {"count": formats.number(late)}
    else:
        said = formats.short_day(day) if late else _("Today")
    return format_html(
        '<time class="gx-due{}" datetime="{}" title="{}">{}</time>',
        " gx-late" if late > 0 else "",
        day.isoformat(),
        formats.day(day),
        said,
    )
