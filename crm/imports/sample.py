"""The first rows of a draft's file, kept with it: a workbook takes seconds to open, and the wizard has many steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crm.errors import NoDataRows

from .reader import Row, Source

ROWS = 20
# A cell is shown by its beginning, and a table of thousands of columns by fewer rows.
LONGEST_CELL = 500
MOST_CHARACTERS = 200_000


@dataclass(frozen=True)
class Sample:
    rows: list[Row]
    sheets: list[str]

    @classmethod
    def of(cls, source: Source) -> Sample:
        """Raises NoDataRows, and what the reader raises: what is wrong near the beginning is said at once."""
        rows = list(_first(source))
        if not rows:
            raise NoDataRows()
        return cls(rows, source.sheets)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Sample:
        return cls([Row(number, cells) for number, cells in data.get("rows", ())], data.get("sheets", []))

    def as_json(self) -> dict[str, Any]:
        return {"rows": [[row.number, row.cells] for row in self.rows], "sheets": self.sheets}


def _first(source: Source) -> Iterator[Row]:
    characters = 0
    for row in source.preview(ROWS):
        cells = [cell[:LONGEST_CELL] for cell in row.cells]
        characters += sum(map(len, cells)) + len(cells)
        yield Row(row.number, cells)
        if characters > MOST_CHARACTERS:
            return
