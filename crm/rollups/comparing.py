"""Sums that triggers keep beside their rows, compared with the rows themselves once a night. docs/analytics.md

register_rollup(
    RollUp(
        TicketState,
        key=("queue_id", "status"),
        sums=("ticket_count",),
        count=lambda zone: [Ticket.objects.order_by().values_list("queue_id", "status").annotate(n0=Count("pk"))],
    )
)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import BigIntegerField, DateField, Expression, F, Model, QuerySet, Sum, Value
from django.db.models.functions import Cast, Coalesce, TruncMonth

from crm.tenancy.context import current_tenant_id

log = logging.getLogger(__name__)

# Of a tenant's time zone, the rows counted: (*key, *sums), grouped by the key. What several give is added up.
Counting = Callable[[ZoneInfo], Sequence[QuerySet]]


@dataclass(frozen=True)
class RollUp:
    """`model` keeps `sums` for each `key`, spread over slots: only the sum over these is right."""

    model: type[Model]
    key: tuple[str, ...]
    sums: tuple[str, ...]
    count: Counting


@dataclass(frozen=True)
class Difference:
    """By how much what is kept for a key is too low."""

    key: tuple[Any, ...]
    missing: tuple[int, ...]


_rollups: dict[type[Model], RollUp] = {}


def register_rollup(rollup: RollUp) -> RollUp:
    """Called in the app's `ready()`."""
    _rollups[rollup.model] = rollup
    return rollup


def rollups() -> Mapping[type[Model], RollUp]:
    return _rollups


def big(number: Any, sign: int = 1) -> Expression:
    """A sum or a count as the database keeps them; 0 where there is nothing."""
    field = BigIntegerField()
    return Cast(Coalesce(Cast(number, field), Value(0, field)), field) * Value(sign, output_field=field)


def month_of(moment: str, zone: ZoneInfo) -> Expression:
    """The first day of the month in which a moment lies for the tenant."""
    return Cast(TruncMonth(moment, tzinfo=zone), DateField())


def differences(rollup: RollUp) -> list[Difference]:
    """Where roll-up and rows disagree; nowhere, if all is well.

    One statement, so that both sides are read at the same moment while others go on working. Days and months are those
    of the tenant's time zone as it is now: after a change of it, what lies near midnight has moved.
    """
    # This module is the app itself, read before any model.
    from crm.tenancy.models import Tenant

    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id()))
    first, *others = [*rollup.count(zone), _kept(rollup)]
    width = len(rollup.key)
    found: dict[tuple, list[int]] = {}
    for row in first.union(*others, all=True):
        sums = found.setdefault(tuple(row[:width]), [0] * len(rollup.sums))
        for place, number in enumerate(row[width:]):
            sums[place] += number
    return [Difference(key, tuple(sums)) for key, sums in found.items() if any(sums)]


def _kept(rollup: RollUp) -> QuerySet:
    rows = rollup.model._default_manager.order_by().values_list(*rollup.key)
    return rows.annotate(**{f"n{place}": big(Sum(name), sign=-1) for place, name in enumerate(rollup.sums)})


@transaction.atomic
def settle_differences(rollup: RollUp) -> int:
    """Add what is missing; returns how many keys were wrong. Safe while rows change: it adds, and sets nothing."""
    found = differences(rollup)
    if found:
        # What is wrong in many places at once is most likely a new time zone, so it is no error.
        name, tenant = rollup.model._meta.label, current_tenant_id()
        log.warning("%s of tenant %s was put right in %s places", name, tenant, len(found))
    for one in found:
        row, _is_new = rollup.model._default_manager.get_or_create(
            **dict(zip(rollup.key, one.key, strict=True)), slot=0
        )
        added = {name: F(name) + missing for name, missing in _named(rollup, one)}
        rollup.model._default_manager.filter(pk=row.pk).update(**added)
    return len(found)


def _named(rollup: RollUp, one: Difference) -> Iterator[tuple[str, int]]:
    return zip(rollup.sums, one.missing, strict=True)
