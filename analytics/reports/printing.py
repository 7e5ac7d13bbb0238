"""A report as it is printed: every value is written, and every chart drawn, before the template sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from crm.charts import Chart, chart_svg
from crm.pages import formats

from .content import Block, Column, Document, Figure, Figures, Kind, Row, Table, Text, Value

# CSS pixels: the width of a page between its margins, and what reads well below each other.
CHART_WIDTH = 670
CHART_HEIGHT = 210
LYING_BAR = 24
LEAST_LYING = 120

# Each kind of column has a width of its own; text shares what is left.
_NUMERIC = frozenset({Kind.NUMBER, Kind.MONEY, Kind.SHARE, Kind.CHANGE})


@dataclass(frozen=True, slots=True)
class PrintedCell:
    text: str
    css: str


@dataclass(frozen=True, slots=True)
class PrintedTable:
    title: str
    widths: list[str]
    head: list[PrintedCell]
    rows: list[list[PrintedCell]]
    total: list[PrintedCell] | None
    note: str
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class PrintedFigure:
    label: str
    value: str
    change: str
    tone: str
    than: str


@dataclass(frozen=True, slots=True)
class PrintedFigures:
    figures: list[PrintedFigure]
    kind: str = "figures"


@dataclass(frozen=True, slots=True)
class PrintedChart:
    title: str
    svg: SafeString
    note: str
    kind: str = "chart"


@dataclass(frozen=True, slots=True)
class PrintedText:
    paragraphs: Sequence[str]
    kind: str = "text"


PrintedBlock = PrintedTable | PrintedFigures | PrintedChart | PrintedText


@dataclass(frozen=True, slots=True)
class PrintedSection:
    title: str
    blocks: list[PrintedBlock]
    on_next_page: bool


@dataclass(frozen=True, slots=True)
class PrintedReport:
    sections: list[PrintedSection]

    @property
    def row_count(self) -> int:
        tables = (block for section in self.sections for block in section.blocks if isinstance(block, PrintedTable))
        return sum(len(table.rows) for table in tables)


def printed(document: Document) -> PrintedReport:
    return PrintedReport(
        [
            PrintedSection(
                section.title, [one for block in section.blocks if (one := _block(block))], section.on_next_page
            )
            for section in document.sections
        ]
    )


def printed_figures(document: Document) -> list[PrintedFigure]:
    """The figures on top, written."""
    return [_figure(one) for one in document.figures]


def _block(block: Block) -> PrintedBlock | None:
    match block:
        case Table():
            return _table(block)
        case Figures():
            return PrintedFigures([_figure(one) for one in block.figures])
        case Text():
            return PrintedText(block.paragraphs)
        case Chart():
            return _chart(block)


def _chart(chart: Chart) -> PrintedChart | None:
    """Nothing for a chart of nothing: the table below it says so."""
    if chart.is_empty:
        return None
    height = max(LEAST_LYING, LYING_BAR * len(chart.rows)) if chart.is_lying else CHART_HEIGHT
    # Drawn from our own description, in which typed words are only texts.
    svg = mark_safe(chart_svg(chart, width=CHART_WIDTH, height=height))  # noqa: S308  # drawn by us
    return PrintedChart(str(chart.title), svg, str(chart.note))


def _table(table: Table) -> PrintedTable:
    columns = table.columns
    return PrintedTable(
        table.title,
        ["w-narrow" if column.is_narrow else f"w-{column.kind.value}" for column in columns],
        [PrintedCell(column.label, _css(column)) for column in columns],
        [_row(row, columns) for row in table.rows],
        _row(table.total, columns) if table.total is not None else None,
        table.note,
    )


def _row(row: Row, columns: Sequence[Column]) -> list[PrintedCell]:
    return [
        PrintedCell(written(value, column.kind, column.currency), _css(column))
        for value, column in zip(row, columns, strict=True)
    ]


def _css(column: Column) -> str:
    return "end" if column.kind in _NUMERIC else ""


def _figure(figure: Figure) -> PrintedFigure:
    known = figure.change
    return PrintedFigure(
        figure.label,
        _figure_value(figure) or "–",
        written(known, Kind.CHANGE) if known is not None else "",
        "" if not known else "up" if known > 0 else "down",
        _("against %(period)s") % {"period": figure.than} if figure.than and known is not None else "",
    )


def _figure_value(figure: Figure) -> str:
    """Large amounts in whole units: the tables have them exactly."""
    if figure.kind == Kind.MONEY and isinstance(figure.value, int):
        return formats.short_money(figure.value, figure.currency)
    return written(figure.value, figure.kind, figure.currency)


def written(value: Value, kind: Kind, currency: str = "") -> str:
    """In the language that is on. Nothing is an empty cell."""
    if value is None:
        return ""
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, str):
        return value
    match kind:
        case Kind.MONEY:
            return formats.money(int(value), currency)
        case Kind.SHARE:
            return _tenths(float(value))
        case Kind.CHANGE:
            return _signed(float(value))
        case _:
            return formats.number(value)


def _tenths(share: float) -> str:
    """To a tenth of a percent; of what is less than one, to a hundredth."""
    return formats.rate(round(share * 10_000) if abs(share) < 0.01 else round(share * 1_000) * 10)


def _signed(share: float) -> str:
    """With a sign also where it has grown."""
    text = _tenths(abs(share))
    return text if not round(share, 4) else f"+{text}" if share > 0 else f"−{text}"
