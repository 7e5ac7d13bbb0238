"""Patterns of running numbers: "Q-{year}-{number:4}" → Q-2026-0007. What stands before and behind the counter decides
when it begins anew: with {year} every year, with {month} every month."""

from __future__ import annotations

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

DEFAULT_PATTERN = "Q-{year}-{number:4}"

_PLACE = re.compile(r"\{(?P<name>\w+)(?::(?P<digits>\d))?\}")
_DATES = {
    "year": lambda day: f"{day.year:04d}",
    "yy": lambda day: f"{day.year % 100:02d}",
    "month": lambda day: f"{day.month:02d}",
    "day": lambda day: f"{day.day:02d}",
}
# Letters of any language, digits, and what does not get lost in the name of a file.
_PLAIN = re.compile(r"[\w\-./ #()（）]*")
_COUNTER = "{number}"


def validate_pattern(pattern: str) -> None:
    places = list(_PLACE.finditer(pattern))
    names = [place["name"] for place in places]
    unknown = [name for name in names if name != "number" and name not in _DATES]
    if unknown:
        raise ValidationError(
            _("“{%(name)s}” is no part of a number. Known are {year}, {yy}, {month}, {day} and {number}."),
            params={"name": unknown[0]},
        )
    if names.count("number") != 1:
        raise ValidationError(_("A number needs its counter once: {number}, or {number:4} for four digits."))
    if ("month" in names and not {"year", "yy"} & {*names}) or ("day" in names and "month" not in names):
        raise ValidationError(_("With the month goes the year, and with the day the month: else numbers would repeat."))
    if not _PLAIN.fullmatch(_PLACE.sub("", pattern)):
        raise ValidationError(_("Use letters, digits, blanks and - . / # ( ) around the parts."))


def period_of(pattern: str, day: date) -> str:
    """The number with its counter left open: what the counter counts within."""

    def fill(place: re.Match[str]) -> str:
        return _COUNTER if place["name"] == "number" else _DATES[place["name"]](day)

    return _PLACE.sub(fill, pattern)


def number_of(pattern: str, day: date, counter: int) -> str:
    digits = next(place["digits"] for place in _PLACE.finditer(pattern) if place["name"] == "number")
    return period_of(pattern, day).replace(_COUNTER, f"{counter:0{digits or 1}d}")
