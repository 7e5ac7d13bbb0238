from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max, Min, Subquery, Sum

from crm.tenancy.base import TenantQuerySet


@dataclass(frozen=True, slots=True)
class Figures:
    """What a group of customers bought. A purchase is an invoice with all its lines, or a line without one."""

    customers: int
    purchases: int
    total: int
    highest: int
    lowest: int
    first_on: date
    last_on: date

    @property
    def average(self) -> int:
        return average_of(self.total, self.purchases)

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.customers + other.customers,
            self.purchases + other.purchases,
            self.total + other.total,
            max(self.highest, other.highest),
            min(self.lowest, other.lowest),
            min(self.first_on, other.first_on),
            max(self.last_on, other.last_on),
        )


def average_of(total: int, count: int) -> int:
    """Half a cent up."""
    return (2 * total + count) // (2 * count)


class CustomerRfmQuerySet(TenantQuerySet):
    def with_day(self):
        """With `as_of`, the day for which all rows were computed."""
        from ..models import AnalyticsRun

        runs = AnalyticsRun.objects.filter(name=AnalyticsRun.RFM).order_by().values("as_of")[:1]
        return self.annotate(as_of=Subquery(runs))


class RfmSummaryQuerySet(TenantQuerySet):
    def of_people(self, people: Sequence[int] | None):
        """Of the customers of these people; None: of all, and of those that nobody owns."""
        return self if people is None else self.filter(owner__in=people)

    def by_segment(self) -> dict[str, Figures]:
        rows = self.order_by().values_list("segment")
        found = rows.annotate(
            Sum("customer_count"),
            Sum("purchase_count"),
            Sum("total_amount"),
            Max("highest_amount"),
            Min("lowest_amount"),
            Min("first_on"),
            Max("last_on"),
        )
        # Sums of bigints come as decimals.
        return {
            segment: Figures(int(customers), int(purchases), int(total), *others)
            for segment, customers, purchases, total, *others in found
        }
