"""Leads in the sidebar and on the first page of the day."""

from __future__ import annotations

from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.pages.navigation import Entry, register
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel

from ..models import Lead
from ..querysets.leads import LeadQuerySet

SHOWN = 8

register(
    Entry(
        "sales:lead_list",
        _("Leads"),
        icon="user-search",
        section="sales",
        order=40,
        needs=(Lead, "view"),
        words="leads prospects xiansuo 线索 潜在客户",
    ),
    Entry(
        "sales:lead_create",
        _("New lead"),
        icon="user-search",
        section="sales",
        order=41,
        needs=(Lead, "create"),
        places=("create",),
        words="lead prospect xinjian xiansuo 新建线索",
    ),
)


def waiting_leads(request: MemberRequest) -> dict[str, Any] | None:
    """My own open leads, those to be contacted next first, then the ones without a day."""
    mine = cast(LeadQuerySet, visible(request.membership, Lead).filter(owner=request.user)).open()
    found = list(mine.order_by("next_contact_on", "id")[: SHOWN + 1])
    if not found:
        return None
    return {
        "leads": found[:SHOWN],
        "goes_on": len(found) > SHOWN,
        "may_convert": policy_for(Lead).allows(request.membership, "convert"),
    }


register_panel(
    Panel("sales.leads", _("My leads"), "sales/panels/leads.html", waiting_leads, needs=(Lead, "edit"), order=17)
)
