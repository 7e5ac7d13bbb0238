"""Working time: how much of it lies between two moments, and when so much of it will have passed.

Pure: knows no database and no request. Hours are times of the wall clock in the calendar's zone. On the day a clock is
put forward, an hour that does not exist holds no working time; on the day it is put back, an hour that comes twice
counts twice: whoever is open from nine to five in that zone is there for both.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Minutes of the day, 0 to 1440; the end is not in it.
Hours = tuple[tuple[int, int], ...]
Opening = tuple[datetime, datetime]

DAY_MINUTES = 24 * 60
# Whoever works one minute a year never gets there; so far ahead nobody is told a day.
HORIZON = timedelta(days=3_660)

_SPAN = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|—|~|～|至|到|to)\s*(\d{1,2})(?::(\d{2}))?")
_BETWEEN_SPANS = re.compile(r"[,;、]")


class BadHours(ValueError):
    """Text that names no hours. `code`: "unreadable", "backwards" or "overlapping"."""

    def __init__(self, code: str, text: str):
        self.code, self.text = code, text
        super().__init__(f"{code}: {text}")


def parse_hours(text: str) -> Hours:
    """ "9:00-12:00, 13-18" → ((540, 720), (780, 1080)). Raises BadHours."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if not plain:
        return ()
    spans = sorted(_parse_span(part) for part in _BETWEEN_SPANS.split(plain) if part)
    for (_begin, end), (begin, _end) in itertools.pairwise(spans):
        if begin < end:
            raise BadHours("overlapping", text)
    return tuple(spans)


def _parse_span(part: str) -> tuple[int, int]:
    match = _SPAN.fullmatch(part.strip())
    if not match:
        raise BadHours("unreadable", part)
    begin, end = _minute(match[1], match[2], part), _minute(match[3], match[4], part)
    if end <= begin:
        raise BadHours("backwards", part)
    return begin, end


def _minute(hour: str, minute: str | None, part: str) -> int:
    found = int(hour) * 60 + int(minute or 0)
    if int(minute or 0) > 59 or found > DAY_MINUTES:
        raise BadHours("unreadable", part)
    return found


def format_hours(hours: Hours) -> str:
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in hours)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


@dataclass(frozen=True)
class Calendar:
    """`week` has the hours of Monday to Sunday, `special` those of single days that differ, none for a holiday."""

    zone: ZoneInfo
    week: tuple[Hours, ...]
    special: Mapping[date, Hours] = field(default_factory=dict)
    # What a day's hours are in UTC, remembered: thousands of tickets ask for the same few days.
    _openings: dict[date, tuple[Opening, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def hours(self, day: date) -> Hours:
        found = self.special.get(day)
        return self.week[day.weekday()] if found is None else found

    def openings(self, day: date) -> tuple[Opening, ...]:
        """The day's hours as moments, in order, none of them empty or overlapping."""
        found = self._openings.get(day)
        if found is None:
            found = self._openings[day] = tuple(self._read_openings(day))
        return found

    def _read_openings(self, day: date) -> Iterator[Opening]:
        until: datetime | None = None
        for begin, end in self.hours(day):
            opens = self._moment(day, begin, fold=0)
            closes = self._moment(day, end, fold=0 if end == DAY_MINUTES else 1)
            # The end of one span may be the second 01:30 of a night, the beginning of the next the first.
            opens = max(opens, until) if until else opens
            if opens < closes:
                yield opens, closes
                until = closes

    def _moment(self, day: date, minute: int, fold: int) -> datetime:
        if minute == DAY_MINUTES:
            day, minute = day + timedelta(days=1), 0
        wall = datetime.combine(day, time(minute // 60, minute % 60, fold=fold))
        moment = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if moment.astimezone(self.zone).replace(tzinfo=None) == wall.replace(fold=0):
            return moment
        return self._change_around(wall)

    def _change_around(self, wall: datetime) -> datetime:
        """When the clock was put forward past this time, which therefore does not exist."""
        before = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        after = wall.replace(tzinfo=self.zone, fold=0).astimezone(UTC)
        offset = after.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + (after - before) / 2
            if middle.astimezone(self.zone).utcoffset() == offset:
                after = middle
            else:
                before = middle
        return after.replace(microsecond=0)

    def days_from(self, day: date, last: date) -> Iterator[date]:
        """The days up to `last` that may have hours."""
        if any(self.week):
            while day <= last:
                yield day
                day += timedelta(days=1)
        else:
            yield from (one for one in sorted(self.special) if day <= one <= last)

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


def always_open(zone: str = "UTC") -> Calendar:
    return Calendar(ZoneInfo(zone), (((0, DAY_MINUTES),),) * 7)


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Nothing when `end` is not after `start`."""
    total = timedelta(0)
    if end <= start:
        return total
    # The night before belongs to the day before, where a day ends with an hour that comes twice.
    for day in calendar.days_from(_day_before(calendar.day_of(start)), calendar.day_of(end)):
        for opens, closes in calendar.openings(day):
            if closes > start and opens < end:
                total += min(closes, end) - max(opens, start)
    return total


def add_working_time(calendar: Calendar, start: datetime, duration: timedelta) -> datetime | None:
    """The first moment at which so much working time has passed since `start`; None when it never will have."""
    if duration <= timedelta(0):
        return start
    left = duration
    first = calendar.day_of(start)
    for day in calendar.days_from(_day_before(first), first + HORIZON):
        for opens, closes in calendar.openings(day):
            if closes <= start:
                continue
            begins = max(opens, start)
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
    return None


def _day_before(day: date) -> date:
    return day - timedelta(days=1)


def calendar_of(zone: str, week: Sequence[str], special: Mapping[date, str]) -> Calendar:
    """From the texts in which hours are kept."""
    return Calendar(
        ZoneInfo(zone),
        tuple(parse_hours(text) for text in week),
        {day: parse_hours(text) for day, text in special.items()},
    )
