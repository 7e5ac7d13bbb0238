"""File names as people see them. They never name anything on our disks."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath

LONGEST = 150
# Separators, wildcards, and what Windows refuses in a name.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')
# Names of devices on Windows, with any ending.
_RESERVED = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
_TYPES = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}
# Never announced as something that a browser would run in our name, whatever the file is called.
_ACTIVE = re.compile(r"html|xml|script|svg|flash|java", re.IGNORECASE)
PLAIN_BYTES = "application/octet-stream"


def clean_file_name(name: str, *, fallback: str = "file") -> str:
    """A name that every system can save: no path, no control or direction characters, at most 150 long.

    Letters of every script stay as they are; the ending survives the cut.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # Cf: a right-to-left override would show "exe.csv" for "vsc.exe".
    name = "".join(" " if char.isspace() else char for char in name if unicodedata.category(char) not in _INVISIBLE)
    name = _FORBIDDEN.sub("-", name)
    name = re.sub(r" {2,}", " ", name).strip(" .")
    if not name or _RESERVED.match(name):
        name = f"{fallback}-{name}" if name else fallback
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix[:20]
    return stem[: LONGEST - len(suffix)].rstrip(" .") + suffix


_INVISIBLE = {"Cf", "Co", "Cs", "Cn"}


def content_type_of(name: str) -> str:
    """The type by the ending of the name; plain bytes for what is unknown or could be run by a browser."""
    suffix = PurePosixPath(name.lower()).suffix
    known = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, PLAIN_BYTES)
    return PLAIN_BYTES if _ACTIVE.search(known) and suffix not in _TYPES else known
