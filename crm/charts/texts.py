"""Values of charts in the person's language: whole in tables and tooltips, short along an axis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import format_skeleton
from babel.numbers import format_compact_currency, format_compact_decimal
from django.utils.translation import gettext as _

from crm.pages import formats


def write(format: str, value: Any, currency: str) -> str:
    if value is None:
        return "–"
    match format:
        case "money":
            return formats.money(value, currency)
        case "percent":
            return formats.percent(value)
        case "number":
            return formats.number(value)
        case "month":
            return _month(value, formats.current_locale())
        case "week":
            return _("Week of %(day)s") % {"day": formats.day(value)}
        case "day":
            return formats.day(value)
    return str(value)


def along_axis(format: str, values: Sequence[Any]) -> list[str | list[str]]:
    """Labels below the axis: two lines where a year begins."""
    if format == "month":
        locale = formats.current_locale()
        return [_short_month(value, is_first=place == 0, locale=locale) for place, value in enumerate(values)]
    if format in ("week", "day"):
        return [formats.short_day(value) for value in values]
    return [str(value) for value in values]


def tick(format: str, value: float, currency: str) -> str:
    """A value beside the axis. Money in whole units here, since it is drawn so."""
    locale = formats.current_locale()
    if format == "money":
        return _compact_money(value, currency, locale)
    if format == "percent":
        return formats.percent(value)
    return format_compact_decimal(value, locale=locale, fraction_digits=1)


@lru_cache(maxsize=1_024)
def _month(value: date, locale: str) -> str:
    return format_skeleton("yMMM", value, locale=locale)


def _short_month(value: date, *, is_first: bool, locale: str) -> str | list[str]:
    name = format_skeleton("MMM", value, locale=locale)
    return [name, str(value.year)] if is_first or value.month == 1 else name


@lru_cache(maxsize=1_024)
def _compact_money(value: float, currency: str, locale: str) -> str:
    return format_compact_currency(value, currency, locale=locale, fraction_digits=1)
