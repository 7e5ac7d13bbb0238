"""The purchases of a period as one member sees them, summed in every way that a sales report shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Case, CharField, Count, F, Max, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate, TruncMonth

from crm.access.policy import visible
from sales.models import Product, RevenueDay, Transaction

from ..asking import Asked
from ..periods import Period, month_after


@dataclass(frozen=True, slots=True)
class Sums:
    """Amounts in minor units. `amount` has the returns taken off; `returned` is what they come to, negative."""

    amount: int = 0
    count: int = 0
    returned: int = 0

    @property
    def average(self) -> int | None:
        """Of a purchase, half a unit up."""
        return (2 * self.amount + self.count) // (2 * self.count) if self.count else None


_SUMS: dict[str, Any] = {
    "total": Coalesce(Sum("amount"), 0),
    "n": Count("pk"),
    "returned": Coalesce(Sum("amount", filter=Q(amount__lt=0)), 0),
}
_KEPT_SUMS: dict[str, Any] = {
    "total": Coalesce(Sum("amount"), 0),
    "n": Coalesce(Sum("transaction_count"), 0),
    "returned": Coalesce(Sum("returned_amount"), 0),
}


def _sums(row: Any) -> Sums:
    """Of a row of values that was annotated with one of these."""
    return Sums(int(row["total"]), int(row["n"]), int(row["returned"]))


@dataclass(frozen=True)
class Purchases:
    """Those of one period, in the tenant's currency."""

    asked: Asked
    period: Period

    def rows(self, period: Period | None = None) -> QuerySet[Transaction]:
        begin, end = (period or self.period).moments(self.asked.zone)
        seen = visible(self.asked.membership, Transaction)
        return seen.filter(currency=self.asked.currency, at__gte=begin, at__lt=end).order_by()

    def _kept(self, period: Period) -> QuerySet[RevenueDay] | None:
        """The days of the roll-up, where it says what this member sees: DATA_DESIGN section 8."""
        if not self.asked.sees_all(Transaction):
            return None
        days = RevenueDay.objects.filter(currency=self.asked.currency, day__gte=period.first, day__lte=period.last)
        return days.order_by()

    def sums(self, period: Period | None = None) -> Sums:
        kept = self._kept(period or self.period)
        if kept is not None:
            return _sums(kept.aggregate(**_KEPT_SUMS))
        return _sums(self.rows(period).aggregate(**_SUMS))

    def by_day(self) -> dict[date, Sums]:
        kept = self._kept(self.period)
        found: Any
        if kept is not None:
            found = kept.values("day").annotate(**_KEPT_SUMS)
        else:
            found = self.rows().annotate(day=TruncDate("at", tzinfo=self.asked.zone)).values("day").annotate(**_SUMS)
        sums = {row["day"]: _sums(row) for row in found}
        return {day: sums.get(day, Sums()) for day in self.period.days}

    def by_month(self, months: int) -> dict[date, Sums]:
        """So many months, up to the one in which the period ends."""
        whole = Period(month_after(self.period.last.replace(day=1), 1 - months), months)
        kept = self._kept(whole)
        if kept is not None:
            found = kept.annotate(month=TruncMonth("day")).values("month").annotate(**_KEPT_SUMS)
            sums = {row["month"]: _sums(row) for row in found}
        else:
            moments = self.rows(whole).annotate(month=TruncMonth("at", tzinfo=self.asked.zone))
            sums = {row["month"].date(): _sums(row) for row in moments.values("month").annotate(**_SUMS)}
        return {month: sums.get(month, Sums()) for month in sorted({day.replace(day=1) for day in whole.days})}

    def by_product(self) -> list[tuple[str, Sums]]:
        """The largest first. What is no product of ours goes by the name on the invoice."""
        named = Case(When(product__isnull=True, then=F("name")), default=Value(""), output_field=CharField())
        found = list(self.rows().annotate(what=named).values("product_id", "what").annotate(**_SUMS))
        names = dict(
            Product.objects.filter(pk__in={row["product_id"] for row in found} - {None}).values_list("pk", "name")
        )
        return _largest((names.get(row["product_id"]) or row["what"], _sums(row)) for row in found)

    def by_city(self) -> list[tuple[str, Sums]]:
        return _largest((row["city"], _sums(row)) for row in self.rows().values("city").annotate(**_SUMS))

    def by_owner(self, period: Period | None = None) -> dict[int | None, Sums]:
        """By the person whose customer bought; None for customers of nobody, and for sales to somebody unknown."""
        found = self.rows(period).values("customer__owner_id").annotate(**_SUMS)
        return {row["customer__owner_id"]: _sums(row) for row in found}

    def by_customer(self, most: int) -> list[dict[str, Any]]:
        """The customers who bought for most: customer, sums and the moment of the last purchase."""
        bought: Any = self.rows().filter(customer__isnull=False).values("customer_id")
        found = bought.annotate(**_SUMS, last_at=Max("at")).order_by("-total", "customer_id")[:most]
        return [row | {"sums": _sums(row)} for row in found]

    def buyers(self) -> int:
        return self.rows().aggregate(n=Count("customer_id", distinct=True))["n"]

    def largest(self, most: int) -> list[Transaction]:
        return list(self.rows().select_related("customer", "product").order_by("-amount", "-pk")[:most])

    def largest_returns(self, most: int) -> list[Transaction]:
        returns = self.rows().filter(amount__lt=0).select_related("customer", "product")
        return list(returns.order_by("amount", "pk")[:most])

    def other_currencies(self) -> list[tuple[str, Sums]]:
        begin, end = self.period.moments(self.asked.zone)
        seen = visible(self.asked.membership, Transaction).filter(at__gte=begin, at__lt=end).order_by()
        found = seen.exclude(currency=self.asked.currency).values("currency").annotate(**_SUMS)
        return _largest((row["currency"], _sums(row)) for row in found)

    def first_and_last(self) -> tuple[Any, Any]:
        found = self.rows().aggregate(first=Min("at"), last=Max("at"))
        return found["first"], found["last"]


def _largest(found: Iterable[tuple[str, Sums]]) -> list[tuple[str, Sums]]:
    """One line for each name, the largest amount first."""
    sums: dict[str, Sums] = {}
    for name, one in found:
        before = sums.get(name, Sums())
        sums[name] = Sums(before.amount + one.amount, before.count + one.count, before.returned + one.returned)
    return sorted(sums.items(), key=lambda item: (-item[1].amount, item[0]))


def people(ids: Iterable[int | None]) -> dict[int, str]:
    """{id: name} of people; former members have theirs too."""
    known = [one for one in ids if one is not None]
    return {user.pk: str(user) for user in get_user_model().objects.filter(pk__in=known)}
