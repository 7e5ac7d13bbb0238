"""One report in four kinds of file: the same tables, written as each kind wants them."""

from __future__ import annotations

import csv
import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from analytics.reports.choices import ReportFormat
from analytics.reports.content import Column, Document, Figure, Figures, Kind, Section, Table, Text, change, share
from analytics.reports.pictures import bars, ranking
from analytics.reports.printing import printed, written
from analytics.reports.writing import write_report
from tests.pdf import Pdf

MONEY = Column("Revenue", Kind.MONEY, "USD")


@pytest.fixture
def asked():
    return SimpleNamespace(
        tenant=SimpleNamespace(name="华星贸易", language="en"),
        now=datetime(2026, 3, 31, 12, tzinfo=UTC),
        say=lambda done, total, words: None,
    )


@pytest.fixture
def document():
    days = Table(
        "Day by day",
        [Column("Day", Kind.DAY), Column("Customer"), Column("Share", Kind.SHARE), MONEY],
        [[date(2026, 3, 1), "=evil()", 0.1234, 123_456], [date(2026, 3, 2), "北京龘飝 & Co <b>", None, -50]],
        total=[None, "Total", 1.0, 123_406],
        note="Two days.",
    )
    short = Table("By: city/person", [Column("City"), MONEY], [["上海", 100]])
    return Document(
        "Sales",
        "March 2026",
        [("Covers", "All records")],
        [
            Section(
                "Summary",
                [
                    Figures([Figure("Revenue", 123_406, Kind.MONEY, "USD", 0.25, "February 2026")]),
                    bars("Revenue by day", [(date(2026, 3, 1), 100), (date(2026, 3, 2), 250)], MONEY),
                    days,
                ],
            ),
            Section("More", [ranking("Cities", [("上海", 100)], MONEY), short, Text(["That is all."])], True),
        ],
    )


def made(document, asked, format, tmp_path, language="en"):
    path = tmp_path / "report"
    with override(language):
        rows = write_report(document, asked, ReportFormat(format), path)
    return path, rows


def test_pdf_has_tables_charts_and_what_it_covers(document, asked, tmp_path):
    path, rows = made(document, asked, "pdf", tmp_path)
    pdf = Pdf(path.read_bytes())
    text = pdf.text.replace("\n", "")

    assert rows == 3
    for words in (
        "March 2026",
        "All records",
        "$1,234.06",
        "$1,234",
        "+25%",
        "12.3%",
        "北京龘飝 & Co <b>",
        "Revenue by day",
        "That is all.",
    ):
        assert words in text
    assert pdf.page_count == 2


def test_pdf_is_written_in_the_language_that_is_on(document, asked, tmp_path):
    path, _rows = made(document, asked, "pdf", tmp_path, "zh-hans")

    assert "US$1,234.06" in Pdf(path.read_bytes()).text
    assert "第 1 页，共 2 页" in Pdf(path.read_bytes()).page_texts[0].replace("\n", "")


def test_web_page_needs_no_other_file(document, asked, tmp_path):
    path, rows = made(document, asked, "html", tmp_path)
    html = path.read_text()

    assert rows == 3
    assert "北京龘飝 &amp; Co &lt;b&gt;" in html
    assert html.count("<svg") == 2
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="(?!#)', html) == []
    # A namespace names, it is not loaded.
    assert [found for found in re.findall(r'https?://[^"\s]+', html) if "www.w3.org" not in found] == []


def test_workbook_has_a_sheet_for_each_table(document, asked, tmp_path):
    path, rows = made(document, asked, "xlsx", tmp_path)
    book = CalamineWorkbook.from_path(path)

    assert rows == 4
    assert book.sheet_names == ["Sales", "Day by day", "By  city person"]
    assert book.get_sheet_by_name("Sales").to_python() == [
        ["Sales", "March 2026"],
        ["Covers", "All records"],
        ["Revenue", 1234.06],
    ]
    assert book.get_sheet_by_name("Day by day").to_python() == [
        ["Day", "Customer", "Share (%)", "Revenue"],
        [date(2026, 3, 1), "=evil()", 12.3, 1234.56],
        [date(2026, 3, 2), "北京龘飝 & Co <b>", "", -0.5],
        ["", "Total", 100, 1234.06],
    ]


def test_csv_has_the_tables_below_each_other(document, asked, tmp_path):
    path, _rows = made(document, asked, "csv", tmp_path)
    lines = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))

    assert lines == [
        ["Sales", "March 2026", "", ""],
        ["Covers", "All records", "", ""],
        ["", "", "", ""],
        ["Day by day", "", "", ""],
        ["Day", "Customer", "Share (%)", "Revenue"],
        ["2026-03-01", "'=evil()", "12.3", "1234.56"],
        ["2026-03-02", "北京龘飝 & Co <b>", "", "-0.50"],
        ["", "Total", "100.0", "1234.06"],
        ["", "", "", ""],
        ["By: city/person", "", "", ""],
        ["City", "Revenue", "", ""],
        ["上海", "1.00", "", ""],
    ]


def test_csv_of_one_table_begins_with_its_heading(asked, tmp_path):
    table = Table("Cities", [Column("City"), MONEY], [["上海", 100]])
    path, rows = made(Document("Sales", "", [], [Section("", [table])]), asked, "csv", tmp_path)

    assert rows == 1
    assert path.read_text(encoding="utf-8-sig").splitlines() == ["City,Revenue", "上海,1.00"]


def test_files_have_what_paper_leaves_out(asked, tmp_path):
    whole = Table("Cities", [Column("City")], [["北京"], ["上海"], ["广州"]])
    table = Table("Cities", [Column("City")], [["北京"]], in_files=lambda: whole)
    document = Document("Sales", "", [], [Section("", [table])])

    assert made(document, asked, "csv", tmp_path)[1] == 3
    assert made(document, asked, "pdf", tmp_path)[1] == 1


def test_chart_of_nothing_is_left_out(asked):
    empty = ranking("Cities", [("上海", 0)], MONEY)

    assert printed(Document("Sales", "", [], [Section("", [empty])])).sections[0].blocks == []


@pytest.mark.parametrize(
    ("value", "kind", "said"),
    [
        (0.1234, Kind.SHARE, "12.3%"),
        (0.0004, Kind.SHARE, "0.04%"),
        (0.00004, Kind.SHARE, "0%"),
        (1.0, Kind.SHARE, "100%"),
        (0.25, Kind.CHANGE, "+25%"),
        (-0.025, Kind.CHANGE, "−2.5%"),
        (0.0, Kind.CHANGE, "0%"),
        (None, Kind.MONEY, ""),
        (1_234, Kind.NUMBER, "1,234"),
        (12.5, Kind.NUMBER, "12.5"),
        (0, Kind.MONEY, "$0.00"),
    ],
)
def test_values_are_written(value, kind, said):
    with override("en"):
        assert written(value, kind, "USD") == said


@pytest.mark.parametrize(("now", "before", "grown"), [(150, 100, 0.5), (50, 100, -0.5), (5, 0, None), (5, -10, None)])
def test_growth_is_told_where_it_means_something(now, before, grown):
    assert change(now, before) == grown


def test_share_of_nothing_is_none():
    assert share(0, 0) is None
