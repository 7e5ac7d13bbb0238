"""Campaign results by month, counted anew at night."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, QuerySet
from django.db.models.functions import Cast, TruncMonth

from crm.rollups.comparing import RollUp, big

from .models import CampaignResult, ResultMonth


def _count(zone: ZoneInfo) -> Sequence[QuerySet]:
    rows = CampaignResult.objects.order_by().annotate(month=Cast(TruncMonth("result_on"), DateField()))
    return [rows.values_list("month", "result").annotate(n0=big(Count("pk")))]


RESULT_MONTHS = RollUp(ResultMonth, key=("month", "result"), sums=("result_count",), count=_count)
