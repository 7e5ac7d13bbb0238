"""Whole months, one after the other."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.tenancy.models import Tenant


def tenant_today(tenant: Tenant) -> date:
    """Sums are kept by days of the tenant, wherever whoever looks at them may be."""
    return timezone.now().astimezone(ZoneInfo(tenant.time_zone)).date()


@dataclass(frozen=True, slots=True)
class Months:
    """`count` months from the one that `first` begins."""

    first: date
    count: int

    @classmethod
    def up_to(cls, day: date, count: int) -> Months:
        """The month of the day, and those before it."""
        return cls(_later(day.replace(day=1), 1 - count), count)

    @property
    def end(self) -> date:
        """The first day that is not in them any more."""
        return _later(self.first, self.count)

    @property
    def before(self) -> Months:
        return Months(_later(self.first, -self.count), self.count)

    def __iter__(self) -> Iterator[date]:
        return (_later(self.first, place) for place in range(self.count))


def same_day(day: date, months_before: int) -> date:
    """The same day of an earlier month, or its last one."""
    first = _later(day.replace(day=1), -months_before)
    return first.replace(day=min(day.day, calendar.monthrange(first.year, first.month)[1]))


def _later(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
