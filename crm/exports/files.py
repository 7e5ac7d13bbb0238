"""Rows into a file that a spreadsheet opens: CSV or XLSX, streaming, with nothing in it that could start a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.errors import TooManySheetRows
from crm.pages.columns import Cell

# A cell beginning with one of these is calculated when the file is opened; full-width signs count in Chinese Excel.
FORMULA_SIGNS = frozenset("=+-@\t\r＝＋－＠")
# A plain number may begin with a sign: it is only itself.
_NUMBER = re.compile(r"[+-]?\d[\d ]*(?:[.,]\d+)*%?")
# Excel's own limit, heading included.
MOST_SHEET_ROWS = 1_048_576
LONGEST_SHEET_TEXT = 32_767


class Format(models.TextChoices):
    CSV = "csv", _("CSV")
    XLSX = "xlsx", _("Excel (XLSX)")


def neutral(text: str) -> str:
    """The text as a cell that no spreadsheet calculates: an apostrophe before what could start a formula.

    Import takes the apostrophe off again, so an export comes back unchanged.
    """
    if text and text[0] in FORMULA_SIGNS and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write_file(
    path: Path,
    format: Format,
    heading: Sequence[object],
    rows: Iterable[Sequence[Cell]],
    progress: Callable[[int], None] = lambda done: None,
) -> int:
    """Write the file; returns the number of rows. `progress` is told now and then."""
    write = _write_csv if format == Format.CSV else _write_xlsx
    return write(path, [str(title) for title in heading], rows, progress)


def _write_csv(path: Path, heading: list[str], rows: Iterable[Sequence[Cell]], progress: Callable[[int], None]) -> int:
    yes, no = gettext("Yes"), gettext("No")
    count = 0
    # With a byte-order mark, or Excel takes Chinese for something else.
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([neutral(title) for title in heading])
        write = writer.writerow
        for row in rows:
            write([_csv_cell(cell, yes, no) if cell is not None else "" for cell in row])
            count += 1
            if count % 5_000 == 0:
                progress(count)
    return count


def _csv_cell(cell: Cell, yes: str, no: str) -> object:
    kind = type(cell)
    if kind is str:
        return neutral(cell) if cell and cell[0] in FORMULA_SIGNS else cell  # type: ignore[index,arg-type]
    if kind is bool:
        return yes if cell else no
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
    if isinstance(cell, date):
        return cell.isoformat()
    return cell if isinstance(cell, int | float | Decimal) else neutral(str(cell))


def _write_xlsx(path: Path, heading: list[str], rows: Iterable[Sequence[Cell]], progress: Callable[[int], None]) -> int:
    # constant_memory: each row goes to disk when the next one begins.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(path, options)
    try:
        sheet = book.add_worksheet()
        formats = {
            "head": book.add_format({"bold": True}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet.freeze_panes(1, 0)
        for place, title in enumerate(heading):
            sheet.set_column(place, place, min(40, max(12, 2 * len(title))))
            sheet.write_string(0, place, title, formats["head"])
        yes, no = gettext("Yes"), gettext("No")
        count = 0
        for count, row in enumerate(rows, start=1):
            if count >= MOST_SHEET_ROWS:
                raise TooManySheetRows()
            for place, cell in enumerate(row):
                if cell is not None and cell != "":
                    _write_sheet_cell(sheet, count, place, cell, formats, (no, yes))
            if count % 5_000 == 0:
                progress(count)
        return count
    finally:
        book.close()


def _write_sheet_cell(
    sheet: Any, row: int, place: int, cell: Cell, formats: dict[str, Any], words: Sequence[str]
) -> None:
    """Text is written as text, whatever it begins with: a sheet calculates only what is written as a formula."""
    if isinstance(cell, bool):
        sheet.write_string(row, place, words[cell])
    elif isinstance(cell, int | float | Decimal) and -(10**15) < cell < 10**15:
        sheet.write_number(row, place, cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, place, cell.replace(tzinfo=None), formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, place, cell, formats["day"])
    else:
        sheet.write_string(row, place, str(cell)[:LONGEST_SHEET_TEXT])
