"""Money, numbers, days and moments, written the way the person's language and time zone write them.

A list page writes a hundred of them, and Babel takes 25 µs for each: what repeats is remembered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from babel.numbers import (
    UnknownCurrencyError,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from django.utils import timezone
from django.utils.translation import get_language

Number = int | float | Decimal

# Chinese is written for mainland China: this decides how ¥ and US$ look.
_REGIONS = {"zh-hans": "zh_Hans_CN", "en": "en_US"}


def current_locale() -> str:
    """The name of Babel's locale for the language that is on."""
    writer = _writer.get()
    return writer.locale if writer else babel_name(get_language() or "en")


@lru_cache(maxsize=32)
def babel_name(language: str) -> str:
    known = _REGIONS.get(language)
    return known or str(Locale.parse(language, sep="-"))


@lru_cache(maxsize=64)
def minor_digits(currency: str) -> int:
    """How many decimals the currency has: CNY 2, JPY 0, KWD 3. An unknown code has two."""
    try:
        return get_currency_precision(currency)
    except UnknownCurrencyError:
        return 2


def from_minor(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes values for one person."""

    locale: str
    zone: tzinfo
    today: date

    @classmethod
    def current(cls) -> Writer:
        zone = timezone.get_current_timezone()
        return cls(current_locale(), zone, timezone.localdate(timezone=zone))

    def local(self, value: datetime) -> datetime:
        return value.astimezone(self.zone) if timezone.is_aware(value) else value

    def money(self, minor: int | None, currency: str) -> str:
        """`minor` counts the currency's smallest unit (fen, cents), as the database keeps it."""
        return "" if minor is None else _money(int(minor), currency, self.locale)

    def short_money(self, minor: int | None, currency: str) -> str:
        """In whole units, where little room is; an amount of less than a thousand keeps its decimals."""
        return "" if minor is None else _short_money(int(minor), currency, self.locale)

    def number(self, value: Number | None) -> str:
        return "" if value is None else _number(value, self.locale)

    def percent(self, value: Number | None) -> str:
        """A share: 0.25 is 25 %."""
        return "" if value is None else _percent(value, self.locale)

    def rate(self, basis_points: int | None) -> str:
        """A rate as the database keeps it: 825 is 8.25 %."""
        return "" if basis_points is None else _rate(basis_points, self.locale)

    def quantity(self, thousandths: int | None) -> str:
        return "" if thousandths is None else _number(Decimal(thousandths).scaleb(-3), self.locale)

    def compact(self, value: int | None) -> str:
        """1.2K, 3.4M; 1.2万."""
        return "" if value is None else format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def day(self, value: date | datetime | None) -> str:
        return "" if value is None else _day(self._date(value), self.locale)

    def short_day(self, value: date | datetime | None) -> str:
        """The day without its year when that is this year."""
        if value is None:
            return ""
        day = self._date(value)
        return _short_day(day, self.locale) if day.year == self.today.year else _day(day, self.locale)

    def full_day(self, value: date | datetime | None) -> str:
        """With the day of the week."""
        return "" if value is None else format_date(self._date(value), "full", locale=self.locale)

    def moment(self, value: datetime | None) -> str:
        """Day and minute in the person's time zone."""
        if value is None:
            return ""
        local = self.local(value)
        return f"{_day(local.date(), self.locale)} {_minute(local.hour, local.minute, self.locale)}"

    def ago(self, value: datetime | None, now: datetime | None = None) -> str:
        """ "3 hours ago", "in 2 days"; in words of the language."""
        if value is None:
            return ""
        return _ago(round((value - (now or timezone.now())).total_seconds()), self.locale)

    def _date(self, value: date | datetime) -> date:
        return self.local(value).date() if isinstance(value, datetime) else value


_writer: ContextVar[Writer | None] = ContextVar("writer", default=None)


@contextmanager
def writing() -> Iterator[None]:
    """Ask once, and not for each of a table's cells, who reads and in which language and time zone."""
    token = _writer.set(Writer.current())
    try:
        yield
    finally:
        _writer.reset(token)


def writer() -> Writer:
    return _writer.get() or Writer.current()


def today() -> date:
    """The day it is for whoever reads."""
    return writer().today


# The same as functions, for single values and for templates.


def money(minor: int | None, currency: str) -> str:
    return writer().money(minor, currency)


def short_money(minor: int | None, currency: str) -> str:
    return writer().short_money(minor, currency)


def number(value: Number | None) -> str:
    return writer().number(value)


def percent(value: Number | None) -> str:
    return writer().percent(value)


def rate(basis_points: int | None) -> str:
    return writer().rate(basis_points)


def quantity(thousandths: int | None) -> str:
    return writer().quantity(thousandths)


def compact(value: int | None) -> str:
    return writer().compact(value)


def day(value: date | datetime | None) -> str:
    return writer().day(value)


def short_day(value: date | datetime | None) -> str:
    return writer().short_day(value)


def full_day(value: date | datetime | None) -> str:
    return writer().full_day(value)


def moment(value: datetime | None) -> str:
    return writer().moment(value)


def ago(value: datetime | None, now: datetime | None = None) -> str:
    return writer().ago(value, now)


@lru_cache(maxsize=16_384)
def _money(minor: int, currency: str, locale: str) -> str:
    return format_currency(from_minor(minor, currency), currency, locale=locale)


@lru_cache(maxsize=16_384)
def _short_money(minor: int, currency: str, locale: str) -> str:
    amount = from_minor(minor, currency)
    if abs(amount) < 1_000 and amount != amount.to_integral_value():
        return _money(minor, currency, locale)
    return format_currency(round(amount), currency, format="¤#,##0", currency_digits=False, locale=locale)


@lru_cache(maxsize=4_096)
def _number(value: Number, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=1_024)
def _percent(value: Number, locale: str) -> str:
    return format_percent(value, locale=locale, format=Locale.parse(locale).percent_formats[None].pattern)


@lru_cache(maxsize=1_024)
def _rate(basis_points: int, locale: str) -> str:
    pattern = Locale.parse(locale).percent_formats[None].pattern
    return format_percent(Decimal(basis_points).scaleb(-4), pattern.replace("0%", "0.##%"), locale=locale)


@lru_cache(maxsize=8_192)
def _day(value: date, locale: str) -> str:
    return format_date(value, "medium", locale=locale)


@lru_cache(maxsize=1_024)
def _short_day(value: date, locale: str) -> str:
    return format_skeleton("MMMd", value, locale=locale)


@lru_cache(maxsize=4_096)
def _minute(hour: int, minute: int, locale: str) -> str:
    return format_time(datetime(2000, 1, 1, hour, minute), "short", locale=locale)


@lru_cache(maxsize=4_096)
def _ago(seconds: int, locale: str) -> str:
    return format_timedelta(timedelta(seconds=seconds), add_direction=True, threshold=0.95, locale=locale)
