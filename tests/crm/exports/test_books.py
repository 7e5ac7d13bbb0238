"""Workbooks of several sheets: each with its own rows, under names that a spreadsheet takes."""

from datetime import date

import pytest
from python_calamine import CalamineWorkbook

from crm.errors import TooManySheetRows
from crm.exports import sheets
from crm.exports.sheets import Sheet, write_book


def test_each_sheet_has_its_own_rows(tmp_path):
    told: list[int] = []
    some = [Sheet("Days", ["day", "n"], [[date(2026, 3, 1), 1], [date(2026, 3, 2), 2]]), Sheet("Empty", ["x"], [])]

    counts = write_book(tmp_path / "book.xlsx", [*some, Sheet("城市", ["城市"], iter([["北京"]]))], told.append)

    book = CalamineWorkbook.from_path(tmp_path / "book.xlsx")
    assert counts == [2, 0, 1]
    assert told == [2, 3]
    assert {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names} == {
        "Days": [["day", "n"], [date(2026, 3, 1), 1], [date(2026, 3, 2), 2]],
        "Empty": [["x"]],
        "城市": [["城市"], ["北京"]],
    }


def test_names_are_made_into_ones_that_a_spreadsheet_takes(tmp_path):
    names = ["a/b:c", "A B C", "x" * 40, "x" * 40, "'quoted'", "[]"]

    write_book(tmp_path / "book.xlsx", [Sheet(name, ["x"], []) for name in names], lambda done: None)

    assert CalamineWorkbook.from_path(tmp_path / "book.xlsx").sheet_names == [
        "a b c",
        "A B C 2",
        "x" * 31,
        "x" * 29 + " 2",
        "quoted",
        "–",
    ]


def test_limit_is_that_of_one_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_SHEET_ROWS", 3)
    rows = [[1], [2]]

    assert write_book(
        tmp_path / "book.xlsx", [Sheet("a", ["x"], rows), Sheet("b", ["x"], rows)], lambda done: None
    ) == [2, 2]
    with pytest.raises(TooManySheetRows):
        write_book(tmp_path / "book.xlsx", [Sheet("a", ["x"], [[1], [2], [3]])], lambda done: None)
