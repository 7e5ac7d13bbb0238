"""How a customer's stage and the kind of a follow-up look outside a table."""

from django import template

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
