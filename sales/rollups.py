"""Closed deals by month, counted anew at night."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet, Sum

from crm.rollups.comparing import RollUp, big, month_of

from .choices.pipelines import DealStatus
from .models import Deal, DealMonth


def _count(zone: ZoneInfo) -> Sequence[QuerySet]:
    closed = Deal.objects.filter(status__in=[DealStatus.WON, DealStatus.LOST], closed_at__isnull=False).order_by()
    rows = closed.annotate(month=month_of("closed_at", zone)).values_list("month", "status", "owner_id", "currency")
    return [rows.annotate(n0=big(Count("pk")), n1=big(Sum("amount")))]


DEAL_MONTHS = RollUp(
    DealMonth, key=("month", "status", "owner_id", "currency"), sums=("deal_count", "amount"), count=_count
)
