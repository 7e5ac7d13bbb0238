from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Sum

from crm.tenancy.base import TenantQuerySet


@dataclass(frozen=True, slots=True)
class Bought:
    """What somebody bought in one currency: lines, their sum, and the last of them."""

    currency: str
    count: int
    total: int
    last_at: datetime

    @property
    def average(self) -> int:
        """Of a line, half a cent up."""
        return (2 * self.total + self.count) // (2 * self.count)


class TransactionQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("customer", "product")

    def newest_first(self):
        return self.order_by("-at", "-id")

    def bought(self) -> list[Bought]:
        """By currency, the one with the most purchases first."""
        rows = (
            self.order_by()
            .values("currency")
            .annotate(count=Count("pk"), total=Sum("amount"), last_at=Max("at"))
            .order_by("-count", "currency")
        )
        return [Bought(**row) for row in rows]


class RevenueQuerySet(TenantQuerySet):
    def between(self, first: date, last: date):
        return self.filter(day__gte=first, day__lte=last)

    def total(self, currency: str) -> int:
        return self.filter(currency=currency).aggregate(sum=Sum("amount"))["sum"] or 0
