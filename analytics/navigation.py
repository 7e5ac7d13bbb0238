"""Analytics in the sidebar, on the first page of the day, and beside the records of others."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from .home import this_month, wants_figures
from .models import AnalyticsRun, CustomerRfm
from .permissions import may_see_dashboard
from .reports.navigation import ENTRIES as REPORTS

register(
    Entry(
        "analytics:dashboard",
        _("Dashboard"),
        icon="layout-dashboard",
        section="analytics",
        order=10,
        needs=lambda request: may_see_dashboard(request.membership),
        words="dashboard figures charts overview yibiaopan tubiao 仪表盘 看板 图表 概览",
    ),
    Entry(
        "analytics:customerrfm_list",
        _("Customer analysis"),
        icon="chart-pie",
        section="analytics",
        order=20,
        needs=(CustomerRfm, "view"),
        words="rfm segments analysis kehu fenxi 客户分析 分层",
    ),
    *REPORTS,
)


def rfm_of(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    """How the customer buys, as it was last computed."""
    rfm = visible(request.membership, CustomerRfm).filter(customer=customer).first()
    if rfm is None:
        return None
    return {"rfm": rfm, "run": AnalyticsRun.objects.filter(name=AnalyticsRun.RFM).first()}


register_related(
    Customer,
    Related(
        "analysis", _("Customer analysis"), "analytics/cards/rfm.html", rfm_of, needs=(CustomerRfm, "view"), order=26
    ),
)
register_panel(
    Panel(
        "analytics.month",
        _("This month"),
        "analytics/panels/month.html",
        this_month,
        needs=wants_figures,
        order=8,
        is_wide=True,
    )
)
