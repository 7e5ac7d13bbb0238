"""Rows into CSV, thousands at a time and column by column: what a column holds is asked once and not of each cell."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext

from crm.pages.columns import Cell

from .files import FORMULA_SIGNS, neutral

AT_ONCE = 5_000
# The csv module writes these as they should be.
_AS_THEY_ARE = {int, float, Decimal, date}


def write_csv(path: Path, heading: list[str], rows: Iterable[Sequence[Cell]], progress: Callable[[int], None]) -> int:
    words = (gettext("No"), gettext("Yes"))
    rows, count = iter(rows), 0
    # Not "utf-8-sig", which encodes each row in Python.
    with path.open("w", encoding="utf-8", newline="") as stream:
        # Without the byte-order mark Excel takes Chinese for something else.
        stream.write("\N{BYTE ORDER MARK}")
        writer = csv.writer(stream)
        writer.writerow([neutral(title) for title in heading])
        while some := list(islice(rows, AT_ONCE)):
            columns = [_column(cells, words) for cells in zip(*some, strict=True)]
            writer.writerows(zip(*columns, strict=True))
            count += len(some)
            progress(count)
    return count


def _column(cells: Sequence[Cell], words: Sequence[str]) -> Iterable[object]:
    """What the csv module is to write, which is nothing for None."""
    kinds = set(map(type, cells)) - {type(None)}
    if kinds <= _AS_THEY_ARE:
        return cells
    if kinds == {str}:
        return [neutral(cell) if cell and cell[0] in FORMULA_SIGNS else cell for cell in cells]  # type: ignore[index,arg-type]  # texts
    if kinds == {datetime}:
        return [cell and _minute(cell) for cell in cells]  # type: ignore[arg-type]  # moments
    return [_cell(cell, words) for cell in cells]


def _cell(cell: Cell, words: Sequence[str]) -> object:
    if isinstance(cell, bool):
        return words[cell]
    if isinstance(cell, datetime):
        return _minute(cell)
    return cell if isinstance(cell, int | float | Decimal | date | None) else neutral(str(cell))


def _minute(at: datetime) -> str:
    """As isoformat() does it to the minute, which asks the zone for an offset that is not shown."""
    return "%04d-%02d-%02d %02d:%02d" % (at.year, at.month, at.day, at.hour, at.minute)  # noqa: UP031  # half the time
