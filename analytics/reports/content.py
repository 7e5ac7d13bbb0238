"""What a report says, before it is paper, a sheet or a text: sections of figures, charts and tables.

Cells are plain values, money in minor units and shares as fractions. How they are written is the writer's affair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from crm.charts import Chart

Value = str | int | float | Decimal | date | datetime | None
Row = Sequence[Value]


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    # A part of one, 0.25 for a quarter.
    SHARE = "share"
    # The same, with its sign: by how much something has changed.
    CHANGE = "change"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Column:
    """`currency` is that of a column of money. A narrow text leaves its room to the others."""

    label: str
    kind: Kind = Kind.TEXT
    currency: str = ""
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that stands by itself. `before` is what it is compared with, and `change` by how much it differs."""

    label: str
    value: Value
    kind: Kind = Kind.NUMBER
    currency: str = ""
    change: float | None = None
    than: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    figures: Sequence[Figure]


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are what is printed. Where there is more than paper bears, `in_files` gives what goes into files."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Row]
    total: Row | None = None
    note: str = ""
    in_files: Callable[[], Table] | None = None

    def for_file(self) -> Table:
        """The table for a sheet; its rows may be read once."""
        return self.in_files() if self.in_files else self


@dataclass(frozen=True, slots=True)
class Text:
    paragraphs: Sequence[str]


Block = Figures | Table | Text | Chart


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: Sequence[Block]
    on_next_page: bool = False


@dataclass(frozen=True)
class Document:
    """`about` says what was asked for, by whom, and whose records it covers: pairs of label and value.

    `main` is the title of the table that a CSV holds, where the others only sum it up.
    """

    title: str
    subtitle: str
    about: Sequence[tuple[str, str]]
    sections: Sequence[Section] = ()
    main: str = ""

    @property
    def tables(self) -> list[Table]:
        return [block for section in self.sections for block in section.blocks if isinstance(block, Table)]

    @property
    def figures(self) -> list[Figure]:
        """The figures on top, for a mail that brings the report."""
        found = (block for section in self.sections for block in section.blocks if isinstance(block, Figures))
        first = next(found, None)
        return list(first.figures) if first else []


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def change(now: int, before: int) -> float | None:
    """By how much of itself a number has grown; nothing to say where it began at nothing or below."""
    return (now - before) / before if before > 0 else None
