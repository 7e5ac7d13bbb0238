"""Purchases in the sidebar and beside their customer, and the tenant's revenue on the first page of the day."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any, cast

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from ..models import RevenueDay, Transaction
from ..querysets.purchases import RevenueQuerySet, TransactionQuerySet

ON_CARDS = 5

register(
    Entry(
        "sales:transaction_list",
        _("Purchases"),
        icon="shopping-cart",
        section="sales",
        order=55,
        needs=(Transaction, "view"),
        words="purchases transactions revenue sales goumai jiaoyi xiaoshou 购买 交易 销售",
    ),
    Entry(
        "sales:transaction_create",
        _("New purchase"),
        icon="shopping-cart",
        section="sales",
        order=56,
        needs=(Transaction, "create"),
        places=("create",),
        words="purchase sale xinjian goumai 新建购买",
    ),
)


def purchases_of(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    """What a customer bought: sums by currency, read from the index alone, and the latest lines."""
    rows = cast(TransactionQuerySet, visible(request.membership, Transaction).filter(customer=customer))
    bought = rows.bought()
    may_create = policy_for(Transaction).allows(request.membership, "create")
    if not bought and not may_create:
        return None
    found = list(rows.newest_first()[: ON_CARDS + 1]) if bought else []
    return {
        "bought": bought,
        "purchases": found[:ON_CARDS],
        "goes_on": len(found) > ON_CARDS,
        "may_create": may_create,
    }


def revenue_now(request: MemberRequest) -> dict[str, Any] | None:
    """This month so far, and the same days of the month before."""
    today, currency = timezone.localdate(), request.tenant.currency
    days = cast(RevenueQuerySet, visible(request.membership, RevenueDay))
    first = today.replace(day=1)
    before = _month_before(today)
    this_month = days.between(first, today).total(currency)
    last_month = days.between(before.replace(day=1), before).total(currency)
    if not this_month and not last_month:
        return None
    return {
        "this_month": this_month,
        "last_month": last_month,
        "change": (this_month - last_month) / last_month if last_month > 0 else None,
        "currency": currency,
        "month_url": f"{reverse('sales:transaction_list')}?at_from={first.isoformat()}",
    }


def _month_before(day: date) -> date:
    """The same day of the month before, or its last one."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=min(day.day, calendar.monthrange(last.year, last.month)[1]))


register_panel(
    Panel(
        "sales.revenue",
        _("Revenue"),
        "sales/panels/revenue.html",
        revenue_now,
        needs=(RevenueDay, "view"),
        order=14,
    )
)
register_related(
    Customer,
    Related(
        "purchases", _("Purchases"), "sales/cards/purchases.html", purchases_of, needs=(Transaction, "view"), order=24
    ),
)
