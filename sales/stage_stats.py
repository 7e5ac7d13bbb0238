"""The roll-up of deals by stage, compared with the deals themselves, once a night."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import BigIntegerField, Count, F, IntegerField, Sum, Value
from django.db.models.functions import Cast, Coalesce

from crm.tenancy.context import current_tenant_id

from .models import Deal, DealStageStat

log = logging.getLogger(__name__)

_KEY = ("pipeline_id", "stage_id", "owner_id", "currency")


@dataclass(frozen=True)
class Difference:
    """By how much the roll-up of one stage, owner and currency is too low."""

    pipeline_id: int
    stage_id: int
    owner_id: int | None
    currency: str
    deal_count: int
    amount: int


def differences() -> list[Difference]:
    """Where roll-up and deals disagree; nowhere, if all is well.

    One statement, so that both sides are read at the same moment while others go on working.
    """
    deals = _sums(Deal.objects.all(), Count("pk"), sign=1)
    stats = _sums(DealStageStat.objects.all(), Sum("deal_count"), sign=-1)
    found: dict[tuple, list[int]] = {}
    for *key, count, amount in deals.union(stats, all=True):
        sums = found.setdefault(tuple(key), [0, 0])
        sums[0] += count
        sums[1] += amount
    return [Difference(*key, *sums) for key, sums in found.items() if any(sums)]


def _sums(rows, count, *, sign: int):
    number, big = IntegerField(), BigIntegerField()
    return (
        rows.order_by()
        .values_list(*_KEY)
        .annotate(
            n=Cast(count, number) * Value(sign, output_field=number),
            total=Cast(Coalesce(Sum("amount"), Value(0)), big) * Value(sign, output_field=big),
        )
    )


@transaction.atomic
def settle_differences() -> int:
    """Add what is missing; returns how many keys were wrong. Safe while deals change: it adds, and sets nothing."""
    found = differences()
    for one in found:
        log.error("The totals of stage %s of tenant %s were wrong: %s", one.stage_id, current_tenant_id(), one)
        row, _is_new = DealStageStat.objects.get_or_create(
            pipeline_id=one.pipeline_id,
            stage_id=one.stage_id,
            owner_id=one.owner_id,
            currency=one.currency,
            slot=0,
        )
        DealStageStat.objects.filter(pk=row.pk).update(
            deal_count=F("deal_count") + one.deal_count, amount=F("amount") + one.amount
        )
    return len(found)
