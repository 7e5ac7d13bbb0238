"""What the chapters of the monthly sales report share: the month, its sums, and the columns of their tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from ...asking import Asked
from ...content import Column, Kind, share
from ...periods import Period
from ..deals import Deals
from ..purchases import Purchases, Sums

# A chart with more bars says no more.
IN_CHARTS = 12


@dataclass(frozen=True)
class Sales:
    asked: Asked
    month: Period

    @cached_property
    def purchases(self) -> Purchases:
        return Purchases(self.asked, self.month)

    @cached_property
    def deals(self) -> Deals:
        return Deals(self.asked)

    @cached_property
    def sums(self) -> Sums:
        """Of the whole month."""
        return self.purchases.sums()

    def money(self, label: str) -> Column:
        return Column(label, Kind.MONEY, self.asked.currency)

    def breakdown(self, what: str, *more: Column) -> list[Column]:
        """The columns of a table that divides the revenue by something; `line` gives its rows."""
        return [
            Column(what),
            Column(_("Purchases"), Kind.NUMBER),
            self.money(_("Revenue")),
            Column(_("Share"), Kind.SHARE),
            *more,
        ]

    def line(self, name: str, sums: Sums) -> list:
        return [name, sums.count, sums.amount, share(sums.amount, self.sums.amount)]
