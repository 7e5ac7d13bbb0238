"""New customers by month, counted anew at night."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.db.models import Count, QuerySet

from crm.rollups.comparing import RollUp, big, month_of

from .models import Customer, CustomerMonth


def _count(zone: ZoneInfo) -> Sequence[QuerySet]:
    rows = Customer.objects.order_by().annotate(month=month_of("created_at", zone))
    return [rows.values_list("month", "owner_id").annotate(n0=big(Count("pk")))]


CUSTOMER_MONTHS = RollUp(CustomerMonth, key=("month", "owner_id"), sums=("customer_count",), count=_count)
