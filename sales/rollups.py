"""Deals by stage, closed deals by month and the revenue of each day, counted anew at night."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from crm.rollups.comparing import RollUp, big, month_of

from .choices.pipelines import DealStatus
from .models import Deal, DealMonth, DealStageStat, RevenueDay, Transaction


def _deals_by_stage(zone: ZoneInfo) -> Sequence[QuerySet]:
    rows = Deal.objects.order_by().values_list("pipeline_id", "stage_id", "owner_id", "currency")
    return [rows.annotate(n0=big(Count("pk")), n1=big(Sum("amount")))]


def _closed_by_month(zone: ZoneInfo) -> Sequence[QuerySet]:
    closed = Deal.objects.filter(status__in=[DealStatus.WON, DealStatus.LOST], closed_at__isnull=False).order_by()
    rows = closed.annotate(month=month_of("closed_at", zone)).values_list("month", "status", "owner_id", "currency")
    return [rows.annotate(n0=big(Count("pk")), n1=big(Sum("amount")))]


def _revenue_by_day(zone: ZoneInfo) -> Sequence[QuerySet]:
    lines = Transaction.objects.order_by().annotate(on=TruncDate("at", tzinfo=zone)).values_list("on", "currency")
    returned = Sum("amount", filter=Q(amount__lt=0))
    return [lines.annotate(n0=big(Count("pk")), n1=big(Sum("amount")), n2=big(returned))]


STAGE_STATS = RollUp(
    DealStageStat,
    key=("pipeline_id", "stage_id", "owner_id", "currency"),
    sums=("deal_count", "amount"),
    count=_deals_by_stage,
)
DEAL_MONTHS = RollUp(
    DealMonth, key=("month", "status", "owner_id", "currency"), sums=("deal_count", "amount"), count=_closed_by_month
)
REVENUE_DAYS = RollUp(
    RevenueDay,
    key=("day", "currency"),
    sums=("transaction_count", "amount", "returned_amount"),
    count=_revenue_by_day,
)
