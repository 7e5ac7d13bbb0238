"""When a schedule falls due. Pure: knows no database and no clock.

Times are those of a clock on the wall in the tenant's zone. On the day it is put back, a time that comes twice counts
the first time; on the day it is put forward, a time that does not exist is as much later as the clock jumps.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .choices import Rhythm
from .periods import month_after

# Every month has it.
LAST_DAY_OF_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class Plan:
    """`weekday` counts from Monday, 0; `day_of_month` is 28 at most. Each counts in its own rhythm only."""

    rhythm: str
    weekday: int
    day_of_month: int
    at: time
    zone: ZoneInfo

    def next_after(self, moment: datetime) -> datetime:
        """The first moment of the plan that is later than this one, in UTC."""
        # From the day before: where the clock jumps, that day's time may lie on this one.
        day = moment.astimezone(self.zone).date() - timedelta(days=1)
        while True:
            day = self._next_day(day)
            due = self._on(day)
            if due > moment:
                return due
            day += timedelta(days=1)

    def _next_day(self, day: date) -> date:
        """The first day of the plan that is not before this one."""
        if self.rhythm == Rhythm.WEEKLY:
            return day + timedelta(days=(self.weekday - day.weekday()) % 7)
        this = day.replace(day=self.day_of_month)
        return this if this >= day else month_after(day.replace(day=1), 1).replace(day=self.day_of_month)

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, self.at, self.zone).astimezone(UTC)
