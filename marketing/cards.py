"""What marketing shows on other pages: a customer's mails and results, and the marketer's first page."""

from __future__ import annotations

from typing import Any

from crm.access.policy import policy_for, visible
from crm.pages.request import MemberRequest
from customers.models import Customer

from .choices import UNDER_WAY, CampaignState
from .hits import is_left_out
from .models import Campaign, CampaignResult, Send

SHOWN = 5


def mails_of(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    """The last campaigns a customer got and what came of them; left out when there were none."""
    sends = list(
        visible(request.membership, Send)
        .filter(customer=customer)
        .select_related("campaign")
        .order_by("-pk")[: SHOWN + 1]
    )
    results = list(
        visible(request.membership, CampaignResult).filter(customer=customer).order_by("-result_on", "-pk")[:SHOWN]
    )
    may_enter = policy_for(CampaignResult).allows(request.membership, "create")
    if not (sends or results or may_enter):
        return None
    return {
        "sends": sends[:SHOWN],
        "goes_on": len(sends) > SHOWN,
        "results": results,
        "is_left_out": bool(customer.email) and is_left_out(customer.email),
        "may_enter": may_enter,
    }


def own_campaigns(request: MemberRequest) -> dict[str, Any]:
    """What is on its way, and what went out last."""
    rows = visible(request.membership, Campaign).defer("html", "text")
    under_way = list(rows.filter(state__in=UNDER_WAY).order_by("-updated_at", "-pk")[:SHOWN])
    done = list(rows.filter(state=CampaignState.SENT).order_by("-updated_at", "-pk")[:SHOWN])
    return {
        "under_way": under_way,
        "done": done,
        "may_create": policy_for(Campaign).allows(request.membership, "create"),
    }


def drafts(request: MemberRequest) -> dict[str, Any] | None:
    rows = visible(request.membership, Campaign).defer("html", "text").filter(state=CampaignState.DRAFT)
    found = list(rows.order_by("-updated_at", "-pk")[:SHOWN])
    return {"campaigns": found} if found else None
