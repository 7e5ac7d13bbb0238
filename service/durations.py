"""Spans of working time, as people write and read them: "4h", "1h 30m", 90 → "1 h 30 min"."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_PARTS = re.compile(
    r"(?P<hours>\d+(?:\.\d+)?)\s*(?:h|hrs?|hours?|小时|时)"
    r"|(?P<minutes>\d+)\s*(?:m|min|mins|minutes?|分钟|分)"
)
HELP = gettext_lazy("Hours and minutes of working time, such as 4h or 1h 30m. Empty: nothing is promised.")


class BadDuration(ValueError):
    """Text that names no span of time."""


def parse_minutes(text: str) -> int:
    """ "1h 30m", "90", "1:30", "2 小时" → minutes. Raises BadDuration."""
    plain = unicodedata.normalize("NFKC", text).strip().casefold()
    if plain.isascii() and plain.isdigit():
        return int(plain)
    if match := re.fullmatch(r"(\d+):([0-5]\d)", plain):
        return int(match[1]) * 60 + int(match[2])
    rest = _PARTS.sub(" ", plain)
    if not plain or re.sub(r"[\s,、]+", "", rest):
        raise BadDuration(text)
    return sum(_minutes_of(match) for match in _PARTS.finditer(plain))


def _minutes_of(match: re.Match[str]) -> int:
    return round(float(match["hours"]) * 60) if match["hours"] else int(match["minutes"])


def format_minutes(minutes: int) -> str:
    """As `parse_minutes` reads it."""
    hours, rest = divmod(minutes, 60)
    return " ".join(filter(None, [f"{hours}h" if hours else "", f"{rest}m" if rest or not hours else ""]))


def in_words(minutes: int) -> str:
    """ "1 h 30 min", in the language that is on."""
    hours, rest = divmod(abs(minutes), 60)
    if hours and rest:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": rest}
    return _("%(hours)d h") % {"hours": hours} if hours else _("%(minutes)d min") % {"minutes": rest}


def span_in_words(span: timedelta) -> str:
    return in_words(round(span.total_seconds() / 60))
