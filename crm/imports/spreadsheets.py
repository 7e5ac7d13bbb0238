"""Excel (xlsx, xls) and OpenDocument sheets as rows of text."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import python_calamine as calamine

from crm.errors import (
    DamagedArchive,
    EmptyFile,
    FileTooLarge,
    NotATable,
    PasswordProtected,
    SheetMissing,
)
from crm.files.archives import ArchiveLimits, check_archive

ZIP_MAGIC = b"PK\x03\x04"
COMPOUND_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# The reader holds one sheet in memory (about 1.5 bytes for each byte of XML), so a sheet has a limit of its own.
SHEET_BYTES = 160 << 20
COMPOUND_BYTES = 64 << 20
LIMITS = ArchiveLimits(entry_bytes=SHEET_BYTES, total_bytes=2 * SHEET_BYTES)


def is_spreadsheet(head: bytes) -> bool:
    return head.startswith((ZIP_MAGIC, COMPOUND_MAGIC))


class Workbook:
    """A book that passed the size guards. Raises NotATable, PasswordProtected, DamagedArchive, FileTooLarge."""

    def __init__(self, path: Path) -> None:
        _guard(path)
        with _named_errors():
            self._book = calamine.CalamineWorkbook.from_path(path)
        self._read: tuple[str, calamine.CalamineSheet] | None = None

    def visible_sheets(self) -> list[str]:
        """Worksheets in the order of the book, without hidden ones and charts."""
        return [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
        ]

    def choose_sheet(self, wanted: str = "") -> str:
        """The wanted sheet, else the first visible one that holds anything."""
        if wanted:
            if wanted not in self._book.sheet_names:
                raise SheetMissing()
            return wanted
        for name in self.visible_sheets():
            if self._sheet(name).start is not None:
                return name
        raise EmptyFile()

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """(row number in the sheet, cells as text), blank rows left out."""
        for number, values in enumerate(self._sheet(sheet).iter_rows(), start=1):
            cells = [value if type(value) is str else cell_text(value) for value in values]
            if any(cells):
                yield number, [cell.replace("\0", "") if "\0" in cell else cell for cell in cells]

    def _sheet(self, name: str) -> calamine.CalamineSheet:
        """The sheet that was read last is kept: reading one takes seconds, and an import looks three times."""
        if self._read is None or self._read[0] != name:
            self._read = None
            with _named_errors():
                self._read = name, self._book.get_sheet_by_name(name)
        return self._read[1]


def _guard(path: Path) -> None:
    with path.open("rb") as raw:
        head = raw.read(8)
    if head.startswith(ZIP_MAGIC):
        names = check_archive(path, LIMITS)
        if not any(name in names for name in ("xl/workbook.xml", "content.xml", "xl/workbook.bin")):
            raise NotATable()
    elif path.stat().st_size > COMPOUND_BYTES:
        raise FileTooLarge()
    elif _is_encrypted(path):
        raise PasswordProtected()


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


# The record that begins the workbook of an xls, and the one that follows it when there is a password.
_BEGINNING_OF_WORKBOOK, _FILE_PASS = bytes.fromhex("0908100000060500"), b"\x2f\x00"


def _is_encrypted(path: Path) -> bool:
    """Asked of the file itself: the reader goes by the ending of the name, and stored files have none."""
    with path.open("rb") as raw:
        head = raw.read(4 << 20)
    # An xlsx with a password is a compound file with this stream, its name written in UTF-16.
    if "EncryptedPackage".encode("utf-16-le") in head:
        return True
    begins = head.find(_BEGINNING_OF_WORKBOOK)
    follows = begins + 4 + 16  # the record's own head, and what it holds
    return begins >= 0 and head[follows : follows + 2] == _FILE_PASS


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except calamine.PasswordError as error:
        raise PasswordProtected() from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise DamagedArchive() from error
    except BaseException as error:
        # A panic of the reader's Rust code derives from BaseException only, and cannot be imported by name.
        if type(error).__name__ != "PanicException":
            raise
        raise DamagedArchive() from error
