"""The cards of the board, written here and not by a template: a board has a hundred and forty of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.pages import formats
from crm.pages.columns import avatar
from crm.pages.icons import icon

from .models import Deal

# Fewer days in a stage are nothing to speak of.
DAYS_SAID = 7


def cards(deals: Iterable[Deal], *, may_move: bool) -> SafeString:
    """One `<li>` for each deal, of deals that were read with customer and owner."""
    with formats.writing():
        addresses = _Addresses()
        now = timezone.now()
        return format_html_join("", "{}", ((_card(deal, addresses, now, may_move),) for deal in deals))


class _Addresses:
    """Asked for once: for each card `reverse` would cost as much as the rest of it."""

    def __init__(self) -> None:
        self._deal = reverse("sales:deal_detail", args=[0])

    def detail(self, deal: Deal) -> str:
        return f"{self._deal[:-2]}{deal.pk}/"

    def move(self, deal: Deal) -> str:
        return f"{self.detail(deal)}move/"


def _card(deal: Deal, addresses: _Addresses, now: datetime, may_move: bool) -> SafeString:
    return format_html(
        '<li class="gx-deal" data-deal="{}"><a class="gx-deal-name" href="{}">{}</a>{}{}'
        '<div class="gx-deal-foot">{}{}{}</div></li>',
        deal.pk,
        addresses.detail(deal),
        deal.name,
        _move_button(deal, addresses) if may_move else "",
        format_html('<span class="gx-note gx-clip">{}</span>', deal.customer.name) if deal.customer else "",
        _amount(deal),
        _when(deal, now),
        _owner(deal),
    )


def _move_button(deal: Deal, addresses: _Addresses) -> SafeString:
    label = _("Move “%(name)s”") % {"name": deal.name}
    return format_html(
        '<a class="gx-deal-move" href="{}" title="{}" aria-label="{}" data-move>{}</a>',
        addresses.move(deal),
        _("Change stage"),
        label,
        icon("dots-vertical"),
    )


def _amount(deal: Deal) -> str | SafeString:
    if deal.amount is None:
        return ""
    exact, short = formats.money(deal.amount, deal.currency), formats.short_money(deal.amount, deal.currency)
    return format_html('<span class="gx-deal-amount" title="{}">{}</span>', exact, short)


def _when(deal: Deal, now: datetime) -> str | SafeString:
    """When an open deal should close, if that is past; else how long it has been where it is."""
    if not deal.is_open:
        return format_html(
            '<time class="gx-deal-when" datetime="{}">{}</time>',
            deal.closed_at.isoformat() if deal.closed_at else "",
            formats.short_day(deal.closed_at),
        )
    due = deal.expected_close_on
    if due is not None and due < formats.today():
        return format_html(
            '<time class="gx-deal-when gx-late" datetime="{}" title="{}">{}</time>',
            due.isoformat(),
            _("Was expected to close"),
            formats.short_day(due),
        )
    days = (now - deal.stage_since).days
    if days < DAYS_SAID:
        return ""
    said = ngettext("%(count)s day", "%(count)s days", days) % {"count": formats.number(days)}
    return format_html('<span class="gx-deal-when" title="{}">{}{}</span>', _("In this stage"), icon("clock"), said)


def _owner(deal: Deal) -> str | SafeString:
    if deal.owner is None:
        return ""
    name = str(deal.owner)
    return format_html(
        '<span class="gx-deal-owner" title="{}">{}<span class="visually-hidden">{}</span></span>',
        name,
        avatar(deal.owner),
        name,
    )
