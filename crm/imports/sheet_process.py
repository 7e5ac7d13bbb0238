"""Reads a workbook in a process of its own, which crm.imports.spreadsheets starts and asks.

A sheet of five kilobytes may have a cell a million rows away. The reader lays a sheet out in full, so it wants hundreds
of gigabytes for that one, and Rust ends the process that does not get them. This one has a limit, and may end.

It is run as a file: nothing of the product is loaded. It answers each line of JSON with one:
{"ask": "sheets"}               → {"sheets": [names of those a person sees], "all": [names]}
{"ask": "open", "sheet": name}  → {"is_empty": …}; its rows begin again
{"ask": "rows", "most": 2000}   → {"rows": [[number, [cells as text]], …]}, without blank rows; none at the end
What cannot be read is {"error": "password" | "damaged" | "too_large"}.
"""

from __future__ import annotations

import datetime
import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from typing import Any

import python_calamine as calamine

PROCESSOR_SECONDS = 300


class Reader:
    def __init__(self, path: str) -> None:
        self.path = path
        self.book: calamine.CalamineWorkbook | None = None
        self.sheet: tuple[str, calamine.CalamineSheet] | None = None
        self.rows: Iterator[tuple[int, list[str]]] = iter(())

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        if self.book is None:
            self.book = calamine.CalamineWorkbook.from_path(self.path)
        if question["ask"] == "sheets":
            return {"sheets": list(_visible(self.book)), "all": self.book.sheet_names}
        if question["ask"] == "open":
            sheet = self._read(self.book, question["sheet"])
            self.rows = _rows(sheet)
            return {"is_empty": sheet.start is None}
        return {"rows": list(islice(self.rows, question["most"]))}

    def _read(self, book: calamine.CalamineWorkbook, name: str) -> calamine.CalamineSheet:
        """The sheet that was read last is kept: it takes seconds, and an import goes through it more than once."""
        if self.sheet is None or self.sheet[0] != name:
            self.sheet, self.rows = None, iter(())
            self.sheet = name, book.get_sheet_by_name(name)
        return self.sheet[1]


def _visible(book: calamine.CalamineWorkbook) -> Iterator[str]:
    """Worksheets in the order of the book, without hidden ones and charts."""
    for sheet in book.sheets_metadata:
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible:
            yield sheet.name


def _rows(sheet: calamine.CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """(row number in the sheet, cells as text), blank rows left out."""
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [value if type(value) is str else cell_text(value) for value in values]
        if any(cells):
            yield number, [cell.replace("\0", "") if "\0" in cell else cell for cell in cells]


def cell_text(value: object) -> str:
    """What the sheet shows without its number format: 13800000000 (not 1.38e10), ISO dates, TRUE and FALSE."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return "" if value is None else str(value)


def _number_text(value: float) -> str:
    if abs(value) >= 1e17 or value != value:
        return repr(value)
    # A spreadsheet keeps 15 digits; the rest is the noise of binary fractions (274.65999999999997 is shown as 274.66).
    # 17 digits for whole numbers, so that a long number typed as one keeps what the file still has of it.
    digits = 17 if value.is_integer() else 15
    return format(Decimal(format(value, f".{digits}g")), "f")


def _fault(error: BaseException) -> str:
    if isinstance(error, calamine.PasswordError):
        return "password"
    if isinstance(error, MemoryError):
        return "too_large"
    # A panic of the reader's Rust code derives from BaseException only, and cannot be imported by name.
    if isinstance(error, (calamine.CalamineError, OSError, ValueError)) or type(error).__name__ == "PanicException":
        return "damaged"
    raise error


def limit_memory(most: int) -> None:
    """Where the system knows no such limit, the reader still asks for too much in this process alone."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    except (ImportError, ValueError, OSError):
        return


def main() -> None:
    path, most_memory = sys.argv[1:]
    limit_memory(int(most_memory))
    reader = Reader(path)
    # Until whoever asks is done, or gone.
    for line in sys.stdin.buffer:
        try:
            answer = reader.answer(json.loads(line))
        except BaseException as error:
            answer = {"error": _fault(error)}
        sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
