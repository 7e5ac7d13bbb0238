"""One row source for every table that comes as a file: delimited text or a spreadsheet."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from crm.errors import EmptyFile, FileTooLarge, HeaderRowMissing, NoDataRows, TooManyColumns
from crm.imports import spreadsheets, text
from crm.imports.headers import LOOK_AT_ROWS, column_names, guess_header_row, place_name

MOST_COLUMNS = 16_384  # of a spreadsheet; a text file with more is no table of records


@dataclass(frozen=True)
class ReadOptions:
    """What the person chose; what is left empty the file decides."""

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    header_row: int | None = None  # line number; 0: the file has no heading
    header_rows: int = 1  # stacked headings

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "ReadOptions":
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return cls(**known)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


DECIDE = ReadOptions()


@dataclass(frozen=True)
class Row:
    number: int
    cells: list[str]


@dataclass(frozen=True)
class Source:
    """A file that was looked at: how it is read, its columns, and its rows as often as they are asked for."""

    path: Path
    options: ReadOptions  # complete: nothing left to guess, so the same file is read the same way tomorrow
    columns: list[str]
    heading_ends: int = 0  # line the last heading row begins on
    sheets: list[str] = field(default_factory=list)
    _open: Callable[[], Iterator[tuple[int, list[str]]]] = field(default=lambda: iter(()), repr=False)
    _top: list[tuple[int, list[str]]] = field(default_factory=list, repr=False)  # what was read to find the heading

    @property
    def is_spreadsheet(self) -> bool:
        return bool(self.sheets)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line number, cells) below the heading. Short rows are filled up with blanks; blank cells beyond the last
        column are dropped, so a row longer than `columns` really holds too much."""
        return self._below_heading(self._open())

    def _below_heading(self, rows: Iterable[tuple[int, list[str]]]) -> Iterator[tuple[int, list[str]]]:
        width = len(self.columns)
        for line, cells in rows:
            if line <= self.heading_ends:
                continue
            if len(cells) != width:
                if len(cells) < width:
                    cells = cells + [""] * (width - len(cells))
                elif not any(cells[width:]):
                    cells = cells[:width]
            yield line, cells

    def preview(self, rows: int = 20) -> list[Row]:
        """The first rows, out of what was read when the file was looked at."""
        return [Row(line, cells) for line, cells in itertools.islice(self._below_heading(self._top), rows)]

    def count_rows(self) -> int:
        """Read through to the end: the number of rows, or the named error that waits somewhere in the middle."""
        total = sum(1 for _row in self.rows())
        if not total:
            raise NoDataRows()
        return total


def open_source(path: Path, options: ReadOptions = DECIDE) -> Source:
    """Look at the file and its heading. Raises a named ImportFileError for everything that cannot be read."""
    size = path.stat().st_size
    if not size:
        raise EmptyFile()
    if size > settings.IMPORT_MAX_BYTES:
        raise FileTooLarge()
    with path.open("rb") as raw:
        head = raw.read(8)
    if spreadsheets.is_spreadsheet(head):
        return _spreadsheet(path, options)
    return _text(path, options)


def _text(path: Path, options: ReadOptions) -> Source:
    form = text.detect_format(path, encoding=options.encoding, delimiter=options.delimiter)
    return _with_heading(
        path,
        options,
        lambda: text.read_rows(path, form),
        encoding=form.encoding,
        delimiter=form.delimiter,
    )


def _spreadsheet(path: Path, options: ReadOptions) -> Source:
    book = spreadsheets.Workbook(path)
    sheet = book.choose_sheet(options.sheet)
    return _with_heading(path, options, lambda: book.rows(sheet), sheets=book.visible_sheets(), sheet=sheet)


def _with_heading(
    path: Path,
    options: ReadOptions,
    open_rows: Callable[[], Iterator[tuple[int, list[str]]]],
    *,
    sheets: list[str] | None = None,
    **decided: str,
) -> Source:
    top = list(itertools.islice(open_rows(), LOOK_AT_ROWS))
    if not top:
        raise EmptyFile()
    header_row = guess_header_row(top) if options.header_row is None else options.header_row
    heading_ends = 0
    if header_row == 0:
        columns = [place_name(place) for place in range(1, max(len(cells) for _line, cells in top) + 1)]
    else:
        heading = [row for row in top if row[0] >= header_row][: options.header_rows]
        if not heading or heading[0][0] != header_row:
            raise HeaderRowMissing()
        heading_ends = heading[-1][0]
        columns = column_names([cells for _line, cells in heading])
    if len(columns) > MOST_COLUMNS:
        raise TooManyColumns()
    complete = ReadOptions(**{**options.as_json(), **decided, "header_row": header_row})
    return Source(
        path=path,
        options=complete,
        columns=columns,
        heading_ends=heading_ends,
        sheets=sheets or [],
        _open=open_rows,
        _top=top,
    )
