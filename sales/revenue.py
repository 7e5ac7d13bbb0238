"""The revenue of each day, compared with the purchases themselves, once a night."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, Q, Sum, Value
from django.db.models.functions import Cast, Coalesce, TruncDate

from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from .models import RevenueDay, Transaction

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Difference:
    """By how much what is kept for a day and currency is too low."""

    day: date
    currency: str
    transaction_count: int
    amount: int
    returned_amount: int


def differences() -> list[Difference]:
    """Days on which what is kept and the purchases disagree; none, if all is well.

    One statement, so that both sides are read at the same moment while others go on working. Days are those of the
    tenant's time zone as it is now: after a change of it, the purchases near midnight have moved.
    """
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))
    counted = (
        Transaction.objects.order_by()
        .annotate(on=TruncDate("at", tzinfo=zone))
        .values_list("on", "currency")
        .annotate(
            n=_big(Count("pk")),
            total=_big(Sum("amount")),
            returned=_big(Sum("amount", filter=Q(amount__lt=0))),
        )
    )
    kept = (
        RevenueDay.objects.order_by()
        .values_list("day", "currency")
        .annotate(
            n=_big(Sum("transaction_count"), sign=-1),
            total=_big(Sum("amount"), sign=-1),
            returned=_big(Sum("returned_amount"), sign=-1),
        )
    )
    found: dict[tuple[date, str], list[int]] = {}
    for day, currency, *numbers in counted.union(kept, all=True):
        sums = found.setdefault((day, currency), [0, 0, 0])
        for place, number in enumerate(numbers):
            sums[place] += number
    return [Difference(*key, *sums) for key, sums in sorted(found.items()) if any(sums)]


def _big(number, *, sign: int = 1):
    big = BigIntegerField()
    return Cast(Coalesce(Cast(number, big), Value(0)), big) * Value(sign, output_field=big)


@transaction.atomic
def settle_differences() -> int:
    """Add what is missing; returns how many days were wrong. Safe while purchases change: it adds, and sets nothing."""
    found = differences()
    if found:
        # What is wrong on many days at once is most likely a new time zone, so it is no error.
        log.warning("Revenue of tenant %s was put right on %s days", current_tenant_id(), len(found))
    for one in found:
        row, _is_new = RevenueDay.objects.get_or_create(day=one.day, currency=one.currency, slot=0)
        RevenueDay.objects.filter(pk=row.pk).update(
            transaction_count=F("transaction_count") + one.transaction_count,
            amount=F("amount") + one.amount,
            returned_amount=F("returned_amount") + one.returned_amount,
        )
    return len(found)
