"""The one door for archives that come from outside: nothing opens a ZIP container before it passed here."""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from crm.errors import ArchiveTooLarge, DamagedArchive

LOCAL_HEADER = struct.Struct("<4s22xHH")
READ_SIZE = 1 << 20


@dataclass(frozen=True)
class ArchiveLimits:
    entries: int = 2_000
    entry_bytes: int = 512 << 20
    total_bytes: int = 768 << 20
    # Spreadsheet XML packs 10 to 30 times, a bomb a thousand times; small entries may pack as they like.
    ratio: int = 250
    ratio_from_bytes: int = 8 << 20


DEFAULT_LIMITS = ArchiveLimits()


def check_archive(path: Path, limits: ArchiveLimits = DEFAULT_LIMITS) -> dict[str, int]:
    """Return {entry name: unpacked bytes}; raises DamagedArchive or ArchiveTooLarge.

    The sizes that the archive states are believed only when they are too large: every entry is unpacked once, to
    nowhere, and counted, because a reader that trusts a false size would fill the memory.
    """
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as raw:
            entries = archive.infolist()
            if len(entries) > limits.entries:
                raise ArchiveTooLarge()
            if sum(entry.file_size for entry in entries) > limits.total_bytes:
                raise ArchiveTooLarge()
            sizes: dict[str, int] = {}
            total = 0
            for entry in entries:
                size = _unpacked_size(raw, entry, limits)
                total += size
                if total > limits.total_bytes:
                    raise ArchiveTooLarge()
                sizes[entry.filename] = size
            return sizes
    except (zipfile.BadZipFile, zlib.error, struct.error, OSError, ValueError, NotImplementedError) as error:
        raise DamagedArchive() from error


def _unpacked_size(raw, entry: zipfile.ZipInfo, limits: ArchiveLimits) -> int:
    if entry.flag_bits & 0x1:
        raise DamagedArchive()  # an encrypted entry: no office program writes one
    raw.seek(entry.header_offset)
    signature, name_length, extra_length = LOCAL_HEADER.unpack(raw.read(LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise DamagedArchive()
    raw.seek(name_length + extra_length, 1)
    if entry.compress_type == zipfile.ZIP_STORED:
        return entry.compress_size
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        raise DamagedArchive()
    most = limits.entry_bytes
    if entry.compress_size:
        most = min(most, max(limits.ratio_from_bytes, entry.compress_size * limits.ratio))
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    packed_left = entry.compress_size
    size = 0
    pending = b""
    while not inflate.eof:
        if not pending:
            pending = raw.read(min(READ_SIZE, packed_left))
            packed_left -= len(pending)
            if not pending:
                break
        size += len(inflate.decompress(pending, READ_SIZE))
        pending = inflate.unconsumed_tail
        if size > most:
            raise ArchiveTooLarge()
    return size
