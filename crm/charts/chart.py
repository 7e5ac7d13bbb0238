"""What a chart shows, in words of the business: nothing of how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

from crm.pages import formats

from . import texts

Text = str | Promise


class Kind(StrEnum):
    BAR = "bar"
    LINE = "line"
    STACKED = "stacked"
    DONUT = "donut"


class Format(StrEnum):
    """How a value is written. Money is in minor units, a percent a share: 0.25 is 25 %. Of a week and a month the first
    day."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Tone(StrEnum):
    """A colour by its meaning; without one, series take theirs in turn."""

    GOOD = "good"
    BAD = "bad"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the rows. What is not drawn stands in the table only."""

    key: str
    label: Text
    format: Format = Format.NUMBER
    tone: Tone | None = None
    is_drawn: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows along `x`, in their order, with one series for each of `values`. A donut shows the first of them."""

    kind: Kind
    title: Text
    rows: Sequence[Mapping[str, Any]]
    x: Field
    values: Sequence[Field]
    currency: str = ""
    # Long names want to stand beside their bars and not below them.
    is_lying: bool = False
    # A sentence below: what is left out, say.
    note: Text = ""

    @property
    def drawn(self) -> list[Field]:
        found = [field for field in self.values if field.is_drawn]
        return found[:1] if self.kind == Kind.DONUT else found

    @property
    def is_empty(self) -> bool:
        return not any(row.get(field.key) for row in self.rows for field in self.values)

    @property
    def columns(self) -> list[Field]:
        return [self.x, *self.values]

    @property
    def heads(self) -> list[str]:
        return [str(field.label) for field in self.columns]

    def cells(self) -> list[list[str]]:
        """The same as a table, written in the language that is on."""
        with formats.writing():
            return [[self.write(field, row.get(field.key)) for field in self.columns] for row in self.rows]

    def write(self, field: Field, value: Any) -> str:
        return texts.write(field.format, value, self.currency)
