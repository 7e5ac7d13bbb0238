"""The periods that a report covers, by the words that a parameter may be: `last`, `this`, `2026-10`, `2026-Q3`, `2026`,
`last-quarter`, `this-quarter`, `last-year`, `this-year`.

A word of today ("last") stays what it is in a schedule, and is a period only once it is known what day it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.pages import formats
from crm.pages.days import is_known_day

MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
_SKELETONS = {1: "yMMMM", 3: "yQQQ", 12: "y"}
_NAMED = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|-Q(?P<quarter>[1-4]))?")
_RELATIVE = re.compile(r"(?P<which>last|this)(?:-(?P<unit>quarter|year))?")


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months; of one that is not over, the days so far. The periods it is compared with have as many days."""

    first: date
    months: int
    # How many of its days count; 0: all.
    so_far: int = 0

    @property
    def last(self) -> date:
        """The last day that counts."""
        end = month_after(self.first, self.months) - timedelta(days=1)
        return min(end, self.first + timedelta(days=self.so_far - 1)) if self.so_far else end

    def up_to(self, today: date) -> Period:
        """Without the days to come, if some of its days have been."""
        days = (today - self.first).days + 1
        return replace(self, so_far=days) if self.first <= today < self.last else self

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        return replace(self, first=month_after(self.first, -self.months))

    @property
    def year_before(self) -> Period:
        return replace(self, first=month_after(self.first, -12))

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The moment at which it begins in that zone, and the one at which the next period does."""
        return _begin(self.first, zone), _begin(self.last + timedelta(days=1), zone)

    def __str__(self) -> str:
        """In the language that is on: October 2026, Q3 2026, 2026."""
        name = format_skeleton(_SKELETONS[self.months], self.first, locale=formats.current_locale())
        if not self.so_far:
            return name
        return _("%(period)s, up to %(day)s") % {"period": name, "day": formats.short_day(self.last)}


def month_after(first: date, months: int) -> date:
    """The first day of the month that is so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def parse_period(word: str, today: date) -> Period | None:
    """None for a word that names no period. Of the one that is going on, the days so far."""
    found = _parse(word, today)
    return found and found.up_to(today)


def _parse(word: str, today: date) -> Period | None:
    if named := _NAMED.fullmatch(word):
        if not is_known_day(date(max(1, int(named["year"])), 1, 1)):
            return None
        if named["month"]:
            return Period(date(int(named["year"]), int(named["month"]), 1), 1)
        if named["quarter"]:
            return Period(date(int(named["year"]), 3 * int(named["quarter"]) - 2, 1), 3)
        return Period(date(int(named["year"]), 1, 1), 12)
    if relative := _RELATIVE.fullmatch(word):
        months = MONTHS_OF[relative["unit"] or "month"]
        begun = date(today.year, (today.month - 1) // months * months + 1, 1)
        this = Period(begun, months)
        return this if relative["which"] == "this" else this.before
    return None


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min), zone)
