"""Quotes in the sidebar, on the first page of the day, and beside their customer and deal."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from ..choices.quotes import QuoteStatus
from ..models import Deal, Quote, QuoteSettings
from ..querysets.quotes import QuoteQuerySet

SHOWN = 8
ON_CARDS = 5

register(
    Entry(
        "sales:quote_list",
        _("Quotes"),
        icon="file-invoice",
        section="sales",
        order=46,
        needs=(Quote, "view"),
        words="quotes offers quotation baojia baojiadan 报价 报价单",
    ),
    Entry(
        "sales:quote_create",
        _("New quote"),
        icon="file-invoice",
        section="sales",
        order=47,
        needs=(Quote, "create"),
        places=("create",),
        words="quote offer xinjian baojia 新建报价",
    ),
    Entry(
        "sales:quote_settings",
        _("Settings of quotes"),
        icon="file-invoice",
        section="administration",
        order=72,
        needs=(QuoteSettings, "edit"),
        words="quote number letterhead terms baojia bianhao 报价 编号 抬头",
    ),
)


def waiting_quotes(request: MemberRequest) -> dict[str, Any] | None:
    """My own quotes: those sent, what ends first before the others, then drafts."""
    mine = cast(QuoteQuerySet, visible(request.membership, Quote).filter(owner=request.user)).for_list()
    found = list(mine.waiting()[: SHOWN + 1])
    if len(found) < SHOWN:
        found += mine.filter(status=QuoteStatus.DRAFT).order_by("-updated_at", "-id")[: SHOWN - len(found)]
    return {"quotes": found[:SHOWN], "goes_on": len(found) > SHOWN, "today": timezone.localdate()}


def quotes_of_customer(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    return _card(request, visible(request.membership, Quote).filter(customer=customer), f"customer={customer.pk}")


def quotes_of_deal(request: MemberRequest, deal: Deal) -> dict[str, Any] | None:
    return _card(request, visible(request.membership, Quote).filter(deal=deal), f"deal={deal.pk}")


def _card(request: MemberRequest, rows: QuerySet, query: str) -> dict[str, Any] | None:
    found = list(rows.order_by("-issued_on", "-id")[: ON_CARDS + 1])
    may_create = policy_for(Quote).allows(request.membership, "create")
    if not found and not may_create:
        return None
    return {
        "quotes": found[:ON_CARDS],
        "goes_on": len(found) > ON_CARDS,
        "all_url": f"{reverse('sales:quote_list')}?{query}",
        "new_url": f"{reverse('sales:quote_create')}?{query}" if may_create else "",
    }


register_panel(
    Panel(
        "sales.quotes",
        _("My quotes"),
        "sales/panels/quotes.html",
        waiting_quotes,
        needs=(Quote, "send"),
        order=17,
        is_wide=True,
    )
)
register_related(
    Customer,
    Related("quotes", _("Quotes"), "sales/cards/quotes.html", quotes_of_customer, needs=(Quote, "view"), order=22),
)
register_related(
    Deal, Related("quotes", _("Quotes"), "sales/cards/quotes.html", quotes_of_deal, needs=(Quote, "view"), order=20)
)
