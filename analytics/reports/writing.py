"""A report as a file: PDF and HTML by templates, XLSX and CSV by the writer of all exports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

from django.contrib.staticfiles import finders
from django.template.loader import get_template
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from crm.documents import render_pdf
from crm.exports.csv_files import write_csv
from crm.exports.sheets import Sheet, write_book
from crm.pages import formats
from crm.pages.columns import Cell

from .asking import Asked
from .choices import ReportFormat
from .content import Column, Document, Kind, Row, Table, Value
from .printing import printed

# What the files of the page family bring along, a report in one file has in itself.
STYLE_SHEETS = ("css/document.css", "css/report_document.css", "css/report_screen.css")


def write_report(document: Document, asked: Asked, format: ReportFormat, path: Path) -> int:
    """Write the file, in the language that is on; returns how many rows of tables are in it.

    Raises DocumentsUnavailable, DocumentTooLong and TooManySheetRows.
    """
    writers: dict[ReportFormat, Callable[[Document, Asked, Path], int]] = {
        ReportFormat.PDF: _write_pdf,
        ReportFormat.HTML: _write_html,
        ReportFormat.XLSX: _write_xlsx,
        ReportFormat.CSV: _write_csv,
    }
    with formats.writing():
        return writers[format](document, asked, path)


def _write_pdf(document: Document, asked: Asked, path: Path) -> int:
    shown = printed(document)
    context = {"tenant": asked.tenant, "document": document, "report": shown, "read_at": asked.now}
    language = translation.get_language() or asked.tenant.language
    title = f"{document.title} · {document.subtitle}"
    path.write_bytes(render_pdf("documents/report.html", context, language=language, title=title))
    return shown.row_count


def _write_html(document: Document, asked: Asked, path: Path) -> int:
    """One file that needs no other: it is opened from wherever somebody keeps it."""
    shown = printed(document)
    context = {
        "tenant": asked.tenant,
        "document": document,
        "report": shown,
        "read_at": asked.now,
        "title": f"{document.title} · {document.subtitle}",
        "html_language": translation.get_language(),
        "styles": _styles(),
        "printed_at": timezone.now(),
    }
    path.write_text(get_template("documents/report_page.html").render(context), encoding="utf-8")
    return shown.row_count


def _styles() -> SafeString:
    texts = [Path(str(finders.find(name))).read_text(encoding="utf-8") for name in STYLE_SHEETS]
    return mark_safe("\n".join(texts))  # our own files  # noqa: S308


# -- tables


def _write_xlsx(document: Document, asked: Asked, path: Path) -> int:
    """A sheet for each table, in the order of the report; the first says what it is about."""
    about = [[label, value] for label, value in document.about]
    figures = [
        [figure.label, _cell(figure.value, Column("", figure.kind, figure.currency))] for figure in document.figures
    ]
    sheets = [Sheet(document.title, [document.title, document.subtitle], [*about, *figures])]
    tables = [table.for_file() for table in document.tables]
    sheets += [Sheet(table.title, _heading(table), _rows(table)) for table in tables]
    counts = write_book(path, sheets, partial(_tell, asked))
    return sum(counts[1:])


def _write_csv(document: Document, asked: Asked, path: Path) -> int:
    """One table as a program reads it; several below each other, each under its title, as a person does."""
    tables = [table.for_file() for table in document.tables]
    if len(tables) == 1 or document.main:
        table = next((one for one in tables if one.title == document.main), tables[0])
        return write_csv(path, _heading(table), _rows(table), partial(_tell, asked))
    width = max([2, *(len(table.columns) for table in tables)])
    lines = _stacked(document, tables, width)
    heading = next(lines)
    return write_csv(path, [str(cell or "") for cell in heading], lines, partial(_tell, asked))


def _stacked(document: Document, tables: Sequence[Table], width: int) -> Iterator[list[Cell]]:
    def wide(*cells: Cell) -> list[Cell]:
        return [*cells, *[None] * (width - len(cells))]

    yield wide(document.title, document.subtitle)
    for label, value in document.about:
        yield wide(label, value)
    for table in tables:
        yield wide()
        yield wide(table.title)
        yield wide(*_heading(table))
        for row in _rows(table):
            yield wide(*row)


def _heading(table: Table) -> list[str]:
    """Shares are numbers of percent in files, which the heading says."""
    return [
        f"{column.label} (%)" if column.kind in (Kind.SHARE, Kind.CHANGE) else column.label for column in table.columns
    ]


def _rows(table: Table) -> Iterable[list[Cell]]:
    for row in table.rows:
        yield _line(row, table.columns)
    if table.total is not None:
        yield _line(table.total, table.columns)


def _line(row: Row, columns: Sequence[Column]) -> list[Cell]:
    return [_cell(value, column) for value, column in zip(row, columns, strict=True)]


def _cell(value: Value, column: Column) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if column.kind == Kind.MONEY and isinstance(value, int):
        return formats.from_minor(value, column.currency)
    if column.kind in (Kind.SHARE, Kind.CHANGE) and isinstance(value, int | float):
        return round(Decimal(value) * 100, 1)
    return value


def _tell(asked: Asked, rows: int) -> None:
    asked.say(rows, rows, "")
