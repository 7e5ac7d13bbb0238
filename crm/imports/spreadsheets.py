"""Excel (xlsx, xls) and OpenDocument sheets as rows of text."""

from __future__ import annotations

import json
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crm.errors import (
    CrmError,
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
# The reader holds one sheet in memory, laid out in full, so a sheet has a limit of its own; and its process has one for
# sheets that are larger than they look.
SHEET_BYTES = 160 << 20
COMPOUND_BYTES = 64 << 20
READER_MEMORY = 1 << 30
LIMITS = ArchiveLimits(entry_bytes=SHEET_BYTES, total_bytes=2 * SHEET_BYTES)
ROWS_AT_ONCE = 2_000

_PROGRAM = Path(__file__).with_name("sheet_process.py")
_ERRORS: dict[str, type[CrmError]] = {
    "password": PasswordProtected,
    "damaged": DamagedArchive,
    "too_large": FileTooLarge,
}


def is_spreadsheet(head: bytes) -> bool:
    return head.startswith((ZIP_MAGIC, COMPOUND_MAGIC))


class Workbook:
    """A book that passed the size guards, read by a process that ends with this object.

    Raises NotATable, PasswordProtected, DamagedArchive, FileTooLarge.
    """

    def __init__(self, path: Path) -> None:
        _guard(path)
        self._process = subprocess.Popen(  # noqa: S603  # our own program; -I: with nothing else of ours
            [sys.executable, "-I", str(_PROGRAM), str(path), str(READER_MEMORY)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        weakref.finalize(self, _end, self._process)
        self._sheets = self._ask("sheets")
        self._reading = 0

    def visible_sheets(self) -> list[str]:
        """Worksheets in the order of the book, without hidden ones and charts."""
        return list(self._sheets["sheets"])

    def choose_sheet(self, wanted: str = "") -> str:
        """The wanted sheet, else the first visible one that holds anything."""
        if wanted:
            if wanted not in self._sheets["all"]:
                raise SheetMissing()
            return wanted
        for name in self.visible_sheets():
            if not self._ask("open", sheet=name)["is_empty"]:
                return name
        raise EmptyFile()

    def rows(self, sheet: str) -> Iterator[tuple[int, list[str]]]:
        """(row number in the sheet, cells as text), blank rows left out. A new reading ends the one before."""
        self._reading += 1
        mine = self._reading
        self._ask("open", sheet=sheet)
        while rows := self._ask("rows", most=ROWS_AT_ONCE)["rows"]:
            yield from ((number, cells) for number, cells in rows)
            if mine != self._reading:
                raise RuntimeError("The sheet is being read anew.")

    def _ask(self, what: str, **more: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"ask": what, **more}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise FileTooLarge() from error
        line = self._process.stdout.readline()
        if not line:
            # It was not given what it asked for, memory or time.
            raise FileTooLarge()
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise _ERRORS[answer["error"]]()
        return answer


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


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
