from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth

from crm.access.policy import policy_for, visible
from crm.tenancy.models import Membership
from sales.models import RevenueDay

from .months import Months


@dataclass(frozen=True, slots=True)
class RevenueMonth:
    """`so_far`: of the days up to the one asked about; the whole amount where none was."""

    month: date
    amount: int = 0
    returned_amount: int = 0
    transaction_count: int = 0
    so_far: int = 0


def revenue_by_month(
    membership: Membership, months: Months, currency: str, until: date | None = None
) -> list[RevenueMonth] | None:
    if not policy_for(RevenueDay).allows(membership, "view"):
        return None
    days = visible(membership, RevenueDay).filter(currency=currency, day__gte=months.first, day__lt=months.end)
    counted = Q(day__lte=until) if until else Q()
    rows = (
        days.order_by()
        .annotate(month=TruncMonth("day"))
        .values("month")
        .annotate(
            total=Sum("amount"),
            returned=Sum("returned_amount"),
            n=Sum("transaction_count"),
            early=Sum("amount", filter=counted or None),
        )
    )
    found = {
        row["month"]: RevenueMonth(row["month"], row["total"], row["returned"], row["n"], row["early"] or 0)
        for row in rows
    }
    return [found.get(month) or RevenueMonth(month) for month in months]
