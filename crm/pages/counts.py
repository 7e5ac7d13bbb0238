"""How many rows a list has, never counted past 10,000 unless somebody asks. DATA_DESIGN.md section 6."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext, ngettext

from . import formats

CAP = 10_000


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    is_capped: bool = False

    def __str__(self) -> str:
        return formats.number(self.number) + ("+" if self.is_capped else "")

    @property
    def in_words(self) -> str:
        if self.is_capped:
            return gettext("more than %(number)s entries") % {"number": formats.number(self.number)}
        return ngettext("%(number)s entry", "%(number)s entries", self.number) % {"number": formats.number(self.number)}


def capped_count(queryset: QuerySet, cap: int = CAP) -> Count:
    """Count at most `cap` rows. One statement: count(*) over a sub-query with a limit."""
    # order_by(): an order would sort what is only counted.
    found = queryset.order_by()[: cap + 1].count()
    return Count(min(found, cap), is_capped=found > cap)


def exact_count(queryset: QuerySet) -> Count:
    return Count(queryset.order_by().count())
