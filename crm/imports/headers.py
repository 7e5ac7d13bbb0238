"""Which row names the columns, and what the columns are called."""

import re
from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.errors import DoubledColumn, EmptyFile

LOOK_AT_ROWS = 60
BLANKS = re.compile(r"\s+")

NumberedRow = tuple[int, list[str]]


def guess_header_row(rows: Sequence[NumberedRow]) -> int:
    """Line number of the row that names the columns: the first that is about as wide as the rows below it.

    A title or a remark above the table is narrower than the table, so it is passed over.
    """
    widths = [(line, sum(1 for cell in cells if cell.strip())) for line, cells in rows[:LOOK_AT_ROWS]]
    widths = [(line, width) for line, width in widths if width]
    if not widths:
        raise EmptyFile()
    # Of widths that are equally common the wider one is the table.
    usual = max(Counter(width for _line, width in widths).items(), key=lambda item: (item[1], item[0]))[0]
    if usual < 2:
        usual = max(width for _line, width in widths)
    enough = max(2, (usual + 1) // 2) if usual > 1 else 1
    return next(line for line, width in widths if width >= enough)


def column_names(header_rows: Sequence[list[str]]) -> list[str]:
    """Names of the columns from one heading row or several stacked ones; blank ones are named by their place.

    Raises DoubledColumn: two columns of one name could be mapped only by guessing.
    """
    width = max((len(row) for row in header_rows), default=0)
    names = []
    for place in range(width):
        parts = (BLANKS.sub(" ", row[place]).strip() for row in header_rows if place < len(row))
        names.append(" ".join(part for part in parts if part))
    while names and not names[-1]:
        names.pop()
    if not names:
        raise EmptyFile()
    seen: dict[str, int] = {}
    for place, name in enumerate(names, start=1):
        if not name:
            continue
        if name.casefold() in seen:
            raise DoubledColumn(name=name, first=seen[name.casefold()], second=place)
        seen[name.casefold()] = place
    return [name or place_name(place) for place, name in enumerate(names, start=1)]


def place_name(place: int) -> str:
    return _("Column %(number)d") % {"number": place}
