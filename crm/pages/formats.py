"""Money, numbers, days and moments, written the way the person's language and time zone write them.

A list page writes a hundred of them, and Babel takes 25 µs for each: what repeats is remembered.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
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

# Chinese is written for mainland China: this decides how ¥ and US$ look.
_REGIONS = {"zh-hans": "zh_Hans_CN", "en": "en_US"}


def current_locale() -> str:
    """The name of Babel's locale for the language that is on."""
    return babel_name(get_language() or "en")


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


def money(minor: int | None, currency: str) -> str:
    """`minor` counts the currency's smallest unit (fen, cents), as the database keeps it."""
    return "" if minor is None else _money(int(minor), currency, current_locale())


def number(value: int | float | Decimal | None) -> str:
    return "" if value is None else _number(value, current_locale())


def percent(value: float | Decimal | None) -> str:
    """A share: 0.25 is 25 %."""
    return "" if value is None else _percent(value, current_locale())


def compact(value: int | None) -> str:
    """1.2K, 3.4M; 1.2万."""
    return "" if value is None else format_compact_decimal(value, locale=current_locale(), fraction_digits=1)


def day(value: date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    return _day(value, current_locale())


def full_day(value: date) -> str:
    """With the day of the week."""
    return format_date(value, "full", locale=current_locale())


def short_day(value: date | datetime | None) -> str:
    """The day without its year when that is this year."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date() if timezone.is_aware(value) else value.date()
    if value.year != timezone.localdate().year:
        return _day(value, current_locale())
    return _short_day(value, current_locale())


def moment(value: datetime | None) -> str:
    """Day and minute in the person's time zone."""
    if value is None:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    locale = current_locale()
    return f"{_day(local.date(), locale)} {_minute(local.hour, local.minute, locale)}"


def ago(value: datetime | None, now: datetime | None = None) -> str:
    """ "3 hours ago", "in 2 days"; in words of the language."""
    if value is None:
        return ""
    distance = value - (now or timezone.now())
    return _ago(round(distance.total_seconds()), current_locale())


@lru_cache(maxsize=16_384)
def _money(minor: int, currency: str, locale: str) -> str:
    return format_currency(from_minor(minor, currency), currency, locale=locale)


@lru_cache(maxsize=4_096)
def _number(value: int | float | Decimal, locale: str) -> str:
    return format_decimal(value, locale=locale)


@lru_cache(maxsize=1_024)
def _percent(value: float | Decimal, locale: str) -> str:
    return format_percent(value, locale=locale, format=Locale.parse(locale).percent_formats[None].pattern)


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
