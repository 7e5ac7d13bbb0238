"""Files are written in portions and by column; what is in them is what one cell after the other would give."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from django.db import models
from django.utils.safestring import mark_safe
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from crm.exports import csv_files, sheets
from crm.exports.files import neutral
from crm.exports.sheets import LONGEST_SHEET_TEXT


class Level(models.IntegerChoices):
    FIRST = 1, "First"


BERLIN, NEW_YORK, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu")
# The clock goes forward and back here, and one hour comes twice.
TURNS = [datetime(2026, 3, 29, 0, 59, 59, 999999, UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
MOMENTS = [
    (turn + timedelta(hours=hours)).astimezone(zone)
    for turn in TURNS
    for hours in range(3)
    for zone in (UTC, BERLIN, NEW_YORK, KATHMANDU, timezone(timedelta(hours=-3, minutes=-30)))
] + [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), datetime(2026, 1, 1, 9, 5)]
DAYS = [date(1, 1, 1), date(1899, 12, 30), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 31)]
TEXTS = [
    *(
        "",
        " ",
        "a",
        '"',
        'a"b',
        "a,b",
        "a\nb",
        "a\r\nb",
        "\r",
        "\t=1",
        "=1+1",
        "-5",
        "-5x",
        "+86 138",
        "＝1",
        "@x",
        "'=1",
    ),
    *(
        "\ufeff",
        "\ufeffname",
        "a & b < c > d",
        "_x0041_",
        "\x01\x1f",
        " a ",
        "华星\u2028",
        "😀",
        "\ufffe",
        "\\.",
    ),
]
NUMBERS = [
    0,
    -1,
    10**15,
    10**18,
    -(10**15),
    1.5,
    -0.0,
    1e300,
    Decimal("12.50"),
    Decimal("-0.001"),
    True,
    False,
    Level.FIRST,
]

texts = st.sampled_from(TEXTS) | st.text(alphabet="=+-@\t\r\n\"', 1华é\ufeff_x0<>&", max_size=8)
cells = st.one_of(
    st.none(), texts, st.sampled_from(MOMENTS), st.sampled_from(DAYS), st.sampled_from(NUMBERS), texts.map(mark_safe)
)
# Columns of one kind, with gaps, as the columns of a list are; and columns of everything.
columns = st.one_of(
    *(
        st.lists(st.none() | st.sampled_from(kind), min_size=5, max_size=5)
        for kind in (TEXTS, MOMENTS, DAYS, [1, 2.5], [True, False], [mark_safe("=1")])
    ),
    st.lists(cells, min_size=5, max_size=5),
)
tables = st.lists(columns, min_size=1, max_size=4).map(lambda some: [list(row) for row in zip(*some, strict=True)])


def said(cell) -> str:
    """What a cell is in a CSV file, said once more and plainly."""
    match cell:
        case None:
            return ""
        case bool():
            return "Yes" if cell else "No"
        case datetime():
            return cell.replace(tzinfo=None).isoformat(sep=" ", timespec="minutes")
        case date():
            return cell.isoformat()
        case Decimal() | int() | float():
            return str(cell)
        case _:
            return neutral(str(cell))


@pytest.fixture(autouse=True, params=[2, 5_000])
def portions(request, monkeypatch):
    monkeypatch.setattr(csv_files, "AT_ONCE", request.param)
    monkeypatch.setattr(sheets, "AT_ONCE", request.param)


@given(tables)
@settings(max_examples=150, deadline=None)
def test_csv_is_what_one_cell_after_the_other_gives(tmp_path_factory, table):
    path = tmp_path_factory.mktemp("csv") / "out.csv"
    plain = io.StringIO(newline="")
    csv.writer(plain).writerows([["head"] * len(table[0]), *([said(cell) for cell in row] for row in table)])

    count = csv_files.write_csv(path, ["head"] * len(table[0]), table, lambda done: None)

    assert count == len(table)
    assert path.read_bytes() == b"\xef\xbb\xbf" + plain.getvalue().encode()


@given(tables)
@settings(max_examples=150, deadline=None)
def test_a_sheet_is_what_one_cell_after_the_other_gives(tmp_path_factory, table):
    folder = tmp_path_factory.mktemp("xlsx")
    heading = ["head"] * len(table[0])
    by_the_library(folder / "plain.xlsx", heading, table)

    sheets.write_xlsx(folder / "out.xlsx", heading, table, lambda done: None)

    assert read(folder / "out.xlsx") == read(folder / "plain.xlsx")


def by_the_library(path, heading, table) -> None:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    formats = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    for number, row in enumerate([heading, *table]):
        for place, cell in enumerate(row):
            match cell:
                case None | "":
                    continue
                case bool():
                    sheet.write_string(number, place, said(cell))
                case int() | float() | Decimal() if -(10**15) < cell < 10**15:
                    sheet.write_number(number, place, cell)
                case date() if cell.year >= 1900:
                    naive = cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell
                    sheet.write_datetime(number, place, naive, formats[type(cell)])
                case _:
                    sheet.write_string(number, place, str(cell))
    book.close()


def read(path) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


# The first one is markup to the library.
@pytest.mark.parametrize("text", ["<r>bold</r>", "a & b", " a ", "a\nb", "x" * LONGEST_SHEET_TEXT, "＝1+1", "=1+1"])
def test_a_text_is_text_in_a_sheet(tmp_path, text):
    sheets.write_xlsx(tmp_path / "out.xlsx", ["head"], [[text]], lambda done: None)

    assert read(tmp_path / "out.xlsx") == [["head"], [text]]


def test_a_text_longer_than_a_cell_is_cut(tmp_path):
    sheets.write_xlsx(tmp_path / "out.xlsx", ["head"], [["x" * 40_000]], lambda done: None)

    assert read(tmp_path / "out.xlsx")[1] == ["x" * LONGEST_SHEET_TEXT]


def test_a_number_that_is_none_does_not_break_the_sheet(tmp_path):
    sheets.write_xlsx(tmp_path / "out.xlsx", ["head"], [[float("nan")], [float("inf")]], lambda done: None)

    assert read(tmp_path / "out.xlsx")[1:] == [["nan"], ["inf"]]


@pytest.mark.parametrize("write", [csv_files.write_csv, sheets.write_xlsx])
def test_rows_are_taken_a_portion_at_a_time_and_progress_is_told(tmp_path, write, portions):
    told, taken = [], []

    def rows():
        for number in range(7):
            taken.append(number)
            yield [number]

    at_once = csv_files.AT_ONCE
    count = write(tmp_path / "out", ["head"], rows(), lambda done: told.append((done, len(taken))))

    assert count == 7
    assert told == [(done, done) for done in chain(range(at_once, 7, at_once), [7])]
