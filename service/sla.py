"""What a ticket's clock says: a pure function of its events, what was promised, and when people work.

The clock runs while a ticket is new or open and people are at work. It stands still while we wait for the customer and
after the ticket was solved; reopened, it goes on from where it stood. Time that has been used stays used: whatever the
policy or calendar is now, it is applied to everything that happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from .choices.tickets import OVER, RUNNING, EventKind, SlaTarget, TicketStatus
from .working_time import Calendar, add_working_time, working_time_between

# The events that the clock is told by. All others it passes over.
TELLING = (EventKind.CREATED, EventKind.STATUS, EventKind.REPLY)


class Happening(Protocol):
    """An event of the log. `after` is the new status, as a number in text, of CREATED and STATUS."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def after(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Line:
    """An event that is not in the database."""

    kind: str
    at: datetime
    after: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """Working time until each target; None: nothing is promised."""

    first_reply: timedelta | None = None
    resolve: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From one status to the next; the last one has no end. `worked`: the working time that counted in it."""

    status: TicketStatus
    begin: datetime
    end: datetime | None
    worked: timedelta = timedelta(0)

    @property
    def is_running(self) -> bool:
        return self.status in RUNNING


@dataclass(frozen=True, slots=True)
class Clock:
    """One target. `due_at` only while it runs; `missed_at` stays when it was met later."""

    target: SlaTarget
    promised: timedelta | None
    used: timedelta
    due_at: datetime | None = None
    met_at: datetime | None = None
    missed_at: datetime | None = None

    @property
    def left(self) -> timedelta | None:
        """Working time that is left, below nothing when it was missed."""
        return None if self.promised is None else self.promised - self.used


@dataclass(frozen=True, slots=True)
class SlaState:
    first_reply: Clock
    resolve: Clock
    periods: tuple[Period, ...]
    first_replied_at: datetime | None
    solved_at: datetime | None
    closed_at: datetime | None

    @property
    def clocks(self) -> tuple[Clock, Clock]:
        return self.first_reply, self.resolve

    @property
    def due_at(self) -> datetime | None:
        """When the next target falls due that is still open."""
        return min((clock.due_at for clock in self.clocks if clock.due_at), default=None)

    @property
    def next_miss_at(self) -> datetime | None:
        """The same, of targets that are not missed yet."""
        return min((clock.due_at for clock in self.clocks if clock.due_at and not clock.missed_at), default=None)


def sla_state(events: Iterable[Happening], promise: Promise, calendar: Calendar, now: datetime) -> SlaState:
    """`events` in the order in which they happened, CREATED first."""
    log = list(events)
    periods = tuple(_periods(log, calendar, now))
    replied = next((event.at for event in log if event.kind == EventKind.REPLY), None)
    status = periods[-1].status if periods else TicketStatus.NEW
    solved = _solved_at(periods)
    closed = periods[-1].begin if status == TicketStatus.CLOSED and len(periods) > 1 else None
    # Whoever solves a ticket without a word has answered it, too.
    over = next((period.begin for period in periods if period.status in OVER), None)
    answered = min(filter(None, (replied, over)), default=None)
    return SlaState(
        _clock(
            SlaTarget.FIRST_REPLY, promise.first_reply, _until(periods, answered, calendar), answered, calendar, now
        ),
        _clock(SlaTarget.RESOLVE, promise.resolve, periods, solved or closed, calendar, now),
        periods,
        replied,
        solved,
        closed,
    )


def _periods(log: list[Happening], calendar: Calendar, now: datetime) -> Iterable[Period]:
    changes = [event for event in log if event.kind in (EventKind.CREATED, EventKind.STATUS)]
    for place, event in enumerate(changes):
        status, end = TicketStatus(int(event.after)), changes[place + 1].at if place + 1 < len(changes) else None
        worked = working_time_between(calendar, event.at, end or now) if status in RUNNING else timedelta(0)
        yield Period(status, event.at, end, worked)


def _solved_at(periods: tuple[Period, ...]) -> datetime | None:
    """When the work ended that has not begun again. A ticket that came in as solved was not solved here."""
    found = None
    for place, period in enumerate(periods):
        if period.status not in OVER:
            found = None
        elif found is None and place > 0:
            found = period.begin
    return found


def _until(periods: tuple[Period, ...], moment: datetime | None, calendar: Calendar) -> tuple[Period, ...]:
    if moment is None:
        return periods
    before = [period for period in periods if period.begin < moment]
    if before and (before[-1].end is None or before[-1].end > moment):
        last = before[-1]
        worked = working_time_between(calendar, last.begin, moment) if last.is_running else timedelta(0)
        before[-1] = Period(last.status, last.begin, moment, worked)
    return tuple(before)


def _clock(
    target: SlaTarget,
    promised: timedelta | None,
    periods: tuple[Period, ...],
    met_at: datetime | None,
    calendar: Calendar,
    now: datetime,
) -> Clock:
    used, missed_at, due_at = timedelta(0), None, None
    for period in periods:
        if not period.is_running:
            continue
        if promised is not None and missed_at is None:
            due = add_working_time(calendar, period.begin, promised - used)
            if due and due < (period.end or now):
                missed_at = due
        if period.end is None and met_at is None and promised is not None:
            due_at = missed_at or add_working_time(calendar, period.begin, promised - used)
        used += period.worked
    return Clock(target, promised, used, due_at, met_at, missed_at)
