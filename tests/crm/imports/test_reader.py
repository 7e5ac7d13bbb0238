import struct
import zipfile
from datetime import date, datetime

import pytest
import xlsxwriter
from django.test import override_settings

from crm import errors
from crm.files.archives import ArchiveLimits, check_archive
from crm.imports import spreadsheets
from crm.imports.reader import ReadOptions, open_source
from crm.imports.sheet_process import cell_text


@pytest.fixture
def write(tmp_path):
    def write(data: bytes | str, name: str = "file.csv"):
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        return path

    return write


def read(path, **options):
    return list(open_source(path, ReadOptions(**options)).rows())


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_numbers_count_lines_inside_quotes_and_blank_lines(write, newline):
    path = write(newline.join(["name,note", '张三,"one', 'two"', "", "李四,three"]))

    assert read(path) == [(2, ["张三", f"one{newline}two"]), (5, ["李四", "three"])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(write, delimiter):
    path = write(f"name{delimiter}phone\n张三{delimiter}138\n")

    assert read(path) == [(2, ["张三", "138"])]


def test_delimiter_inside_quotes_does_not_count(write):
    path = write('name;address\n张三;"1, High Street, Town"\n李四;"2, Low Street, Town"\n')

    assert open_source(path).options.delimiter == ";"


def test_line_that_names_the_delimiter_is_not_a_row(write):
    path = write("sep=;\r\nname;phone\r\n张三;138\r\n")

    assert read(path) == [(3, ["张三", "138"])]


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("gb18030", b""),
    ],
)
def test_encoding_is_found(write, encoding, mark):
    path = write(mark + "姓名,电话\n张三丰,13800000000\n欧阳锋,13800000001\n".encode(encoding))

    assert read(path) == [(2, ["张三丰", "13800000000"]), (3, ["欧阳锋", "13800000001"])]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_mark_is_found_where_text_is_mostly_latin(write, encoding):
    path = write("name,phone\nZoe,13800000000\n".encode(encoding))

    assert read(path) == [(2, ["Zoe", "13800000000"])]


def test_western_text_is_not_taken_for_chinese(write):
    path = write("name,city\nJosé Núñez,Málaga\nÉlodie Béranger,Orléans\n".encode("latin-1"))

    with pytest.raises(errors.UnknownEncoding):
        open_source(path)
    assert read(path, encoding="latin-1")[0] == (2, ["José Núñez", "Málaga"])


def test_encoding_that_does_not_fit_is_refused_before_any_row(write):
    path = write("name\n张三\n".encode("gb18030"))

    with pytest.raises(errors.BadEncoding):
        open_source(path, ReadOptions(encoding="utf-8"))


def test_bad_byte_far_below_is_found_before_any_row(write):
    path = write(b"name,phone\n" + b"Zoe,138\n" * 400_000 + b"\xff\xfe\xfa,1\n")

    with pytest.raises(errors.UnknownEncoding):
        open_source(path)


def test_nul_is_left_out(write):
    path = write("name,phone\nZ\0oe,13\0008\n")

    assert read(path) == [(2, ["Zoe", "138"])]


@pytest.mark.parametrize("data", [b"", b"\n\n\r\n", b"\xef\xbb\xbf", b",,\n,,\n", b"   \n"])
def test_file_without_content_is_empty(write, data):
    with pytest.raises(errors.EmptyFile):
        open_source(write(data))


def test_heading_alone_is_no_import(write):
    with pytest.raises(errors.NoDataRows):
        open_source(write("name,phone\n")).count_rows()


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7 \x00\x01", bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(range(30)) * 50]
)
def test_other_files_are_no_tables(write, data):
    with pytest.raises((errors.NotATable, errors.UnknownEncoding)):
        open_source(write(data))


@override_settings(IMPORT_MAX_BYTES=10)
def test_file_that_is_too_large_is_refused(write):
    with pytest.raises(errors.FileTooLarge):
        open_source(write("name,phone\n张三,1\n"))


def test_line_without_end_is_refused_before_it_is_read(write):
    with pytest.raises(errors.NotATable):
        open_source(write(b"name,phone\n" + b"x" * (20 << 20)))


@pytest.mark.parametrize("tail", ['"', '"\n', '" and more,\n1,2\n3,4'])
def test_quote_left_open_names_its_line(write, tail):
    path = write(f"name,note\n张三,fine\n李四,{tail}")

    with pytest.raises(errors.UnclosedQuote) as refusal:
        open_source(path).count_rows()

    assert refusal.value.details == {"line": 3}


def test_quote_left_open_in_a_large_file_does_not_fill_the_memory(write):
    path = write('name,note\n张三,"' + "x,y\n" * 500_000)

    with pytest.raises(errors.UnclosedQuote):
        open_source(path).count_rows()


def test_column_that_occurs_twice_is_named_with_both_places(write):
    with pytest.raises(errors.DoubledColumn) as refusal:
        open_source(write("Name,phone,name \n1,2,3\n"))

    assert refusal.value.details == {"name": "name", "first": 1, "second": 3}


def test_column_without_heading_is_named_by_its_place(write):
    assert open_source(write("name,,phone,,\n1,2,3\n")).columns == ["name", "Column 2", "phone"]


def test_title_above_the_table_is_passed_over(write):
    path = write("客户名单 2026,,\n\n姓名,电话,地址\n张三,1,北京\n李四,2,上海\n")

    source = open_source(path)

    assert source.columns == ["姓名", "电话", "地址"]
    assert source.options.header_row == 3


def test_heading_row_that_was_chosen_but_is_blank_is_refused(write):
    with pytest.raises(errors.HeaderRowMissing):
        open_source(write("a,b\n\n1,2\n"), ReadOptions(header_row=2))


def test_same_options_read_the_same_file_again(write):
    source = open_source(write("姓名;电话\n张三;1\n".encode("gb18030")))

    again = open_source(source.path, ReadOptions.from_json(source.options.as_json()))

    assert list(again.rows()) == list(source.rows())


# -- spreadsheets


@pytest.fixture
def workbook(tmp_path):
    def workbook(sheets: dict[str, list[list]]):
        path = tmp_path / "book.xlsx"
        book = xlsxwriter.Workbook(path)
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(number, place, value, day)
                    elif value is not None:
                        sheet.write(number, place, value)
        book.close()
        return path

    return workbook


def test_sheet_keeps_leading_zeros_and_long_digit_strings(workbook):
    path = workbook(
        {"客户": [["name", "phone", "since"], ["张三", "007", date(2024, 2, 29)], ["李四", 13800000000, None]]}
    )

    assert read(path) == [(2, ["张三", "007", "2024-02-29"]), (3, ["李四", "13800000000", ""])]


def test_first_sheet_with_content_is_taken_and_another_may_be_chosen(workbook):
    path = workbook({"Empty": [], "客户": [["name"], ["张三"]], "Other": [["name"], ["Zoe"]]})

    source = open_source(path)

    assert (source.sheets, source.options.sheet) == (["Empty", "客户", "Other"], "客户")
    assert read(path, sheet="Other") == [(2, ["Zoe"])]
    with pytest.raises(errors.SheetMissing):
        open_source(path, ReadOptions(sheet="Missing"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (138000000001234.0, "138000000001234"),
        (274.65999999999997, "274.66"),
        (0.00000012, "0.00000012"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (True, "TRUE"),
        (datetime(2024, 2, 29, 5, 6, 7), "2024-02-29 05:06:07"),
        (None, ""),
    ],
)
def test_number_is_read_as_the_sheet_shows_it(value, text):
    assert cell_text(value) == text


@pytest.mark.parametrize("far", [(1_048_575, 16_383), (1_048_575, 60)])
def test_sheet_with_a_cell_far_away_is_too_large_and_ends_nobody(tmp_path, far):
    """Laid out in full it would take 550 GB, or 2 GB; the file has 5 kB."""
    path = tmp_path / "far.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["name", "phone"])
    sheet.write(*far, "x")
    book.close()

    with pytest.raises(errors.FileTooLarge):
        open_source(path)


def test_sheet_that_is_read_anew_ends_the_reading_before(workbook, monkeypatch):
    monkeypatch.setattr(spreadsheets, "ROWS_AT_ONCE", 2)
    source = open_source(workbook({"S": [["name"], *([f"N{number}"] for number in range(6))]}))
    first = source.rows()
    next(first)

    assert source.count_rows() == 6
    with pytest.raises(RuntimeError):
        list(first)


def test_reader_of_a_workbook_ends_with_it(workbook):
    source = open_source(workbook({"S": [["name"], ["张三"]]}))
    book = next(cell.cell_contents for cell in source._open.__closure__ if hasattr(cell.cell_contents, "_process"))
    process = book._process
    assert process.poll() is None

    del source, book

    assert process.returncode is not None


# -- archives


def test_archive_that_packs_too_well_is_refused(tmp_path):
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (40 << 20))

    with pytest.raises(errors.ArchiveTooLarge):
        open_source(path)


def test_archive_that_lies_about_its_size_is_refused(tmp_path):
    path = tmp_path / "liar.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * (40 << 20))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, at + 24, 100)
    path.write_bytes(data)

    with pytest.raises(errors.ArchiveTooLarge):
        check_archive(path)


def test_archive_with_too_many_entries_is_refused(tmp_path):
    path = tmp_path / "many.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(12):
            archive.writestr(f"{number}.xml", b"x")

    with pytest.raises(errors.ArchiveTooLarge):
        check_archive(path, ArchiveLimits(entries=10))


def test_archive_that_is_no_workbook_is_no_table(tmp_path):
    path = tmp_path / "letters.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", b"Dear")

    with pytest.raises(errors.NotATable):
        open_source(path)


@pytest.mark.parametrize("keep", [10, 400, 3000])
def test_workbook_cut_off_is_damaged(workbook, keep):
    path = workbook({"S": [["name"], ["张三"]]})
    path.write_bytes(path.read_bytes()[:keep])

    with pytest.raises(errors.DamagedArchive):
        open_source(path)


def test_workbook_with_broken_sheet_is_damaged(tmp_path, workbook):
    good, bad = workbook({"S": [["name"], ["张三"]]}), tmp_path / "bad.xlsx"
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for entry in source.namelist():
            data = source.read(entry)
            target.writestr(entry, data[:200] + b"<<<" if entry.endswith("sheet1.xml") else data)

    with pytest.raises((errors.DamagedArchive, errors.EmptyFile)):
        open_source(bad)


def test_workbook_with_password_is_named(write):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)

    with pytest.raises(errors.PasswordProtected):
        open_source(write(data, "secret.xlsx"))
