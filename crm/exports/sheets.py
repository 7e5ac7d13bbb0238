"""Rows into XLSX.

The library writes sheets of their headings and of one row, in whose place our rows are put as XML, thousands at a time.
Cell by cell through the library a row takes three times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from django.utils.translation import gettext
from xlsxwriter.utility import xl_col_to_name

from crm.errors import TooManySheetRows
from crm.pages.columns import Cell

AT_ONCE = 2_000
# Excel's own limit, heading included.
MOST_SHEET_ROWS = 1_048_576
LONGEST_SHEET_TEXT = 32_767
# A sheet counts days from here, and believes in a 29 February 1900.
_BEGINNING = date(1899, 12, 31)
_LAST_RIGHT_DAY = 59
# Larger whole numbers lose their last digits, so they stay text.
_MOST = 10**15
_SHEET = "xl/worksheets/sheet%d.xml"
# What the name of a sheet may be.
LONGEST_SHEET_NAME = 31
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
_NEEDS_CARE = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|^\s|\s$|_x[0-9a-fA-F]{4}_")
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9a-fA-F]{4}_)")


@dataclass(frozen=True)
class Sheet:
    """`rows` are read once. A name that a spreadsheet would refuse is made into one that it takes."""

    name: str
    heading: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_xlsx(path: Path, heading: list[str], rows: Iterable[Sequence[Cell]], progress: Callable[[int], None]) -> int:
    return write_book(path, [Sheet("", heading, rows)], progress)[0]


def write_book(path: Path, sheets: Sequence[Sheet], progress: Callable[[int], None]) -> list[int]:
    """Several sheets in one file; returns how many rows each has. `progress` is told of all rows so far."""
    parts, frames = _frames(sheets)
    counts: list[int] = []
    with ZipFile(path, "w", ZIP_DEFLATED) as book:
        for name, part in parts.items():
            book.writestr(name, part)
        for number, (sheet, frame) in enumerate(zip(sheets, frames, strict=True), 1):
            # Larger than what the file's directory can say without being told beforehand.
            with book.open(_SHEET % number, "w", force_zip64=True) as stream:
                stream.write(frame.before.encode())
                count, before = 0, sum(counts)
                for some in _in_portions(sheet.rows):
                    if count + len(some) >= MOST_SHEET_ROWS:
                        raise TooManySheetRows()
                    stream.write(frame.xml(some, first=count + 2).encode())
                    count += len(some)
                    progress(before + count)
                stream.write(frame.after.encode())
            counts.append(count)
    return counts


def _in_portions(rows: Iterable[Sequence[Cell]]) -> Iterator[list[Sequence[Cell]]]:
    rows = iter(rows)
    while some := list(islice(rows, AT_ONCE)):
        yield some


@dataclass(frozen=True)
class _Frame:
    """A sheet without its rows. `day` and `moment` are the numbers of the workbook's formats."""

    before: str
    after: str
    day: str
    moment: str
    words: tuple[str, str]  # for False and True

    def xml(self, rows: Sequence[Sequence[Cell]], first: int) -> str:
        numbers = range(first, first + len(rows))
        columns = [
            self._column(xl_col_to_name(place), numbers, cells) for place, cells in enumerate(zip(*rows, strict=True))
        ]
        lines = zip(numbers, map("".join, zip(*columns, strict=True)), strict=True)
        return "".join([f'<row r="{number}">{cells}</row>' for number, cells in lines])

    def _column(self, letter: str, numbers: Sequence[int], cells: Sequence[Cell]) -> list[str]:
        if set(map(type, cells)) <= {str, type(None)}:
            texts = cast(Sequence[str | None], cells)
            return [
                _text(f"{letter}{number}", text) if text else "" for number, text in zip(numbers, texts, strict=True)
            ]
        return [self._cell(f"{letter}{number}", cell) for number, cell in zip(numbers, cells, strict=True)]

    def _cell(self, place: str, cell: Cell) -> str:
        if cell is None or cell == "":
            return ""
        if isinstance(cell, bool):
            return _text(place, self.words[cell])
        if isinstance(cell, int | float | Decimal) and isfinite(cell) and -_MOST < cell < _MOST:
            return f'<c r="{place}"><v>{cell:.16G}</v></c>'
        if isinstance(cell, date) and (days := _days(cell)) >= 1:
            format = self.moment if isinstance(cell, datetime) else self.day
            return f'<c r="{place}" s="{format}"><v>{days:.16G}</v></c>'
        return _text(place, str(cell))


def _frames(sheets: Sequence[Sheet]) -> tuple[dict[str, bytes], list[_Frame]]:
    """All parts of the workbook but its sheets, and these without their rows."""
    stream = BytesIO()
    # The texts in the sheet itself, as those of our rows.
    book = xlsxwriter.Workbook(stream, {"constant_memory": True, "strings_to_formulas": False})
    bold = book.add_format({"bold": True})
    day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    taken: set[str] = set()
    for one in sheets:
        sheet = book.add_worksheet(_sheet_name(one.name, taken) if one.name else None)
        sheet.freeze_panes(1, 0)
        for place, title in enumerate(one.heading):
            sheet.set_column(place, place, min(40, max(12, 2 * len(title))))
            sheet.write_string(0, place, title, bold)
        sheet.write_number(1, 0, 1, day)
        sheet.write_number(1, 1, 1, moment)
    book.close()
    with ZipFile(stream) as written:
        parts = {name: written.read(name) for name in written.namelist()}
    frames = [_frame(parts.pop(_SHEET % number).decode()) for number in range(1, len(sheets) + 1)]
    return parts, frames


def _frame(sheet: str) -> _Frame:
    xml = re.sub("<dimension [^>]*/>", "", sheet)
    before, row, after = re.split('(<row r="2".*</row>)', xml)
    day, moment = re.findall(r' s="(\d+)"', row)
    return _Frame(before, after, day, moment, (gettext("No"), gettext("Yes")))


def _sheet_name(text: str, taken: set[str]) -> str:
    """Without the signs that are not allowed, cut, and told from the others by a number."""
    name = _NOT_IN_NAMES.sub(" ", text).strip().strip("'")[:LONGEST_SHEET_NAME].strip() or "–"
    number = 1
    while name.casefold() in taken:
        number += 1
        end = f" {number}"
        name = f"{name.removesuffix(f' {number - 1}')[: LONGEST_SHEET_NAME - len(end)]}{end}"
    taken.add(name.casefold())
    return name


def _text(place: str, text: str) -> str:
    """A cell that is text, whatever it begins with: a sheet calculates only what is written as a formula."""
    text = text[:LONGEST_SHEET_TEXT]
    if not _NEEDS_CARE.search(text):
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _NOT_IN_XML.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def _days(day: date) -> float:
    """The number by which a sheet knows a day, or a moment as the clock shows it; below 1 it knows none."""
    days = (date(day.year, day.month, day.day) - _BEGINNING).days
    whole = days + 1 if days > _LAST_RIGHT_DAY else days
    if not isinstance(day, datetime) or whole < 1:
        return whole
    return whole + timedelta(
        hours=day.hour, minutes=day.minute, seconds=day.second, microseconds=day.microsecond
    ) / timedelta(1)
