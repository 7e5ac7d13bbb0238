import pytest

from crm.files.names import clean_file_name, content_type_of


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("report.pdf", "report.pdf"),
        ("客户名单（2026年）.xlsx", "客户名单（2026年）.xlsx"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\list.csv", "list.csv"),
        ("vsc.exe", "vsc.exe"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("line\r\nbreak.csv", "line break.csv"),
        ("null\0byte.csv", "nullbyte.csv"),
        (".htaccess", "htaccess"),
        ("...", "file"),
        ("", "file"),
        ("CON.txt", "file-CON.txt"),
        ('who "is" this?.csv', "who -is- this-.csv"),
        ("cafe\u0301.csv", "café.csv"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
        ("名" * 300 + ".csv", "名" * 65 + ".csv"),
    ],
)
def test_a_file_name_is_cleaned(name, cleaned):
    assert clean_file_name(name) == cleaned


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.csv", "text/csv"),
        ("A.XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.png", "image/png"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_nothing_that_runs_is_announced_as_such(name, content_type):
    assert content_type_of(name) == content_type
