"""File names as people see them. They never name anything on our disks."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from pathlib import PurePosixPath

# Most file systems take 255 bytes, which is 85 Chinese characters; some is left for " (2)".
LONGEST_BYTES = 200
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
    """A name that every system can save: no path, no control or direction characters, not too long.

    Letters of every script stay as they are; the ending survives the cut.
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(" " if char.isspace() else char for char in name if char.isspace() or _is_visible(char))
    name = _FORBIDDEN.sub("-", name)
    name = re.sub(r" {2,}", " ", name).strip(" .")
    if not name or _RESERVED.match(name):
        name = f"{fallback}-{name}" if name else fallback
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix[:20]
    room = LONGEST_BYTES - len(suffix.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(" .") + suffix


def _is_visible(char: str) -> bool:
    # Among those that are not: the right-to-left override, which shows "vsc.exe" as "exe.csv".
    return not unicodedata.category(char).startswith("C")


def content_type_of(name: str) -> str:
    """The type by the ending of the name; plain bytes for what is unknown or could be run by a browser."""
    suffix = PurePosixPath(name.lower()).suffix
    known = _TYPES.get(suffix) or mimetypes.types_map.get(suffix, PLAIN_BYTES)
    return PLAIN_BYTES if _ACTIVE.search(known) and suffix not in _TYPES else known
