"""How a ticket's status, due time and clocks look outside a table."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.pages import formats
from crm.pages.columns import badge

from ..choices.tickets import MessageKind, SlaTarget, TicketPriority, TicketStatus
from ..durations import span_in_words
from ..models import Ticket
from ..sla import Clock
from ..tables.tickets import PRIORITY_COLORS, STATUS_COLORS
from ..thread import ICONS

register = template.Library()

MESSAGE_COLORS = {MessageKind.REPLY: "blue", MessageKind.NOTE: "yellow", MessageKind.INBOUND: "gray"}


@register.simple_tag
def ticket_status(ticket: Ticket) -> SafeString:
    return badge(ticket.get_status_display(), STATUS_COLORS[TicketStatus(ticket.status)])


# What a customer is told: who is to do something next. How we call it among ourselves says nothing to them.
PORTAL_WORDS = {
    TicketStatus.NEW: gettext_lazy("We have it"),
    TicketStatus.OPEN: gettext_lazy("We are working on it"),
    TicketStatus.PENDING: gettext_lazy("We wait for your answer"),
    TicketStatus.SOLVED: gettext_lazy("Solved"),
    TicketStatus.CLOSED: gettext_lazy("Closed"),
}


@register.simple_tag
def portal_status(ticket: Ticket) -> SafeString:
    return badge(str(PORTAL_WORDS[TicketStatus(ticket.status)]), STATUS_COLORS[TicketStatus(ticket.status)])


@register.simple_tag
def ticket_priority(ticket: Ticket) -> SafeString:
    return badge(ticket.get_priority_display(), PRIORITY_COLORS[TicketPriority(ticket.priority)])


@register.simple_tag
def ticket_due(moment: datetime | None, now: datetime) -> str | SafeString:
    """How long there is still, or how late it is; a script keeps it going."""
    if moment is None:
        return ""
    return format_html(
        '<time class="gx-due{}" datetime="{}" title="{}" data-ago>{}</time>',
        " gx-late" if moment < now else "",
        moment.isoformat(),
        formats.moment(moment),
        formats.ago(moment, now),
    )


@register.filter
def message_icon(message) -> str:
    return ICONS[MessageKind(message.kind)]


@register.filter
def message_color(message) -> str:
    return MESSAGE_COLORS[MessageKind(message.kind)]


@register.filter
def target_label(clock: Clock) -> str:
    return str(SlaTarget(clock.target).label)


@register.filter
def in_words(span) -> str:
    return span_in_words(span)


@register.simple_tag
def clock_state(clock: Clock, now: datetime) -> str | SafeString:
    """Where a clock stands: kept, missed, running until when, or standing still with how much left."""
    if clock.met_at:
        said = _("Late, after %(span)s") if clock.missed_at else _("Kept, after %(span)s")
        return format_html(
            '<span class="{}" title="{}">{}</span>',
            "gx-late" if clock.missed_at else "",
            formats.moment(clock.met_at),
            said % {"span": span_in_words(clock.used)},
        )
    if clock.due_at:
        return ticket_due(clock.due_at, now)
    if clock.left is None:
        return ""
    return _("Stands still, %(span)s left") % {"span": span_in_words(clock.left)}
