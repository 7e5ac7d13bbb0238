"""Deals in the sidebar, on the first page of the day and beside their customer."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import get_user_model
from django.db.models import Case, Sum, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.access.policy import policy_for, visible
from crm.access.roles import Role
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from ..board import Owners, Total, stage_stats
from ..choices.pipelines import DealStatus
from ..models import Deal, DealStageStat, Pipeline, Stage
from ..querysets.deals import DealQuerySet

SHOWN = 8
SOON = timedelta(days=14)

register(
    Entry(
        "sales:board",
        _("Board"),
        icon="layout-kanban",
        section="sales",
        order=42,
        needs=(Deal, "view"),
        words="board kanban pipeline kanban shangji 看板 商机 漏斗",
    ),
    Entry(
        "sales:deal_list",
        _("Deals"),
        icon="target-arrow",
        section="sales",
        order=44,
        needs=(Deal, "view"),
        words="deals opportunities shangji xiangmu 商机 项目",
    ),
    Entry(
        "sales:deal_create",
        _("New deal"),
        icon="target-arrow",
        section="sales",
        order=45,
        needs=(Deal, "create"),
        places=("create",),
        words="deal opportunity xinjian shangji 新建商机",
    ),
)


def closing_soon(request: MemberRequest) -> dict[str, Any] | None:
    """My own open deals that should close within two weeks, or should have."""
    today = timezone.localdate()
    mine = visible(request.membership, Deal).filter(owner=request.user).select_related("customer", "stage")
    found = list(cast(DealQuerySet, mine).closing(today + SOON)[: SHOWN + 1])
    return {"deals": found[:SHOWN], "goes_on": len(found) > SHOWN, "until": today + SOON}


@dataclass(slots=True)
class StageSum:
    """What lies in an open stage of a pipeline, of the people one sees."""

    stage: Stage
    count: int = 0
    totals: list[Total] = field(default_factory=list)
    share: int = 0


def pipeline_now(request: MemberRequest) -> dict[str, Any] | None:
    """The first pipeline, stage by stage, from the roll-up."""
    pipeline = Pipeline.objects.active().in_order().first()
    if pipeline is None:
        return None
    stages = [StageSum(stage) for stage in pipeline.stages.active().open().in_order()]
    stats = stage_stats(Owners.seen_by(request.membership), DealStageStat.objects.filter(pipeline=pipeline))
    weighted: dict[str, int] = defaultdict(int)
    for one in stages:
        for stat in stats.get(one.stage.pk, ()):
            one.count += stat.count
            one.totals.append(Total(stat.currency, stat.amount))
            weighted[stat.currency] += stat.amount * one.stage.probability_percent // 100
    most = max((one.count for one in stages), default=0) or 1
    for one in stages:
        one.share = round(100 * one.count / most)
    return {
        "pipeline": pipeline,
        "stages": stages,
        "weighted": [Total(currency, amount) for currency, amount in weighted.items() if amount],
        "may_create": policy_for(Deal).allows(request.membership, "create"),
    }


@dataclass(slots=True)
class PersonSum:
    """What one person has in open stages."""

    person: Any
    count: int = 0
    totals: list[Total] = field(default_factory=list)


def open_by_person(request: MemberRequest) -> dict[str, Any] | None:
    """The people whose deals one sees, those with the most open deals first; for whoever leads others."""
    if not request.membership.has_role(Role.ADMIN, Role.SALES_MANAGER):
        return None
    rows = (
        DealStageStat.objects.filter(Owners.seen_by(request.membership).condition, stage__kind=DealStatus.OPEN)
        .filter(owner__isnull=False)
        .order_by()
        .values("owner_id", "currency")
        .annotate(n=Sum("deal_count"), total=Sum("amount"))
    )
    found: dict[int, PersonSum] = {}
    for row in rows:
        if row["n"]:
            one = found.setdefault(row["owner_id"], PersonSum(None))
            one.count += row["n"]
            one.totals.append(Total(row["currency"], row["total"]))
    first = dict(sorted(found.items(), key=lambda item: -item[1].count)[:SHOWN])
    for person in get_user_model().objects.filter(pk__in=[*first]):
        first[person.pk].person = person
    return {"people": list(first.values()), "goes_on": len(found) > SHOWN}


def deals_of(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    """A customer's deals: the open ones first, then what was won and lost last."""
    rows = visible(request.membership, Deal).filter(customer=customer).select_related("stage", "owner")
    is_closed = Case(When(status=DealStatus.OPEN, then=0), default=1)
    deals = list(rows.order_by(is_closed, "-updated_at", "-id")[: SHOWN + 1])
    may_create = policy_for(Deal).allows(request.membership, "create")
    if not deals and not may_create:
        return None
    return {"deals": deals[:SHOWN], "goes_on": len(deals) > SHOWN, "may_create": may_create}


register_panel(
    Panel(
        "sales.closing",
        _("Closing soon"),
        "sales/panels/closing.html",
        closing_soon,
        needs=(Deal, "edit"),
        order=15,
        is_wide=True,
    )
)
register_panel(
    Panel(
        "sales.pipeline",
        _("Open deals by stage"),
        "sales/panels/pipeline.html",
        pipeline_now,
        needs=(Deal, "edit"),
        order=16,
    )
)
register_panel(
    Panel(
        "sales.people",
        _("Open deals by person"),
        "sales/panels/people.html",
        open_by_person,
        needs=(Deal, "edit"),
        order=18,
    )
)
register_related(
    Customer, Related("deals", _("Deals"), "sales/cards/deals.html", deals_of, needs=(Deal, "view"), order=20)
)
