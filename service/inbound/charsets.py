"""Bytes of mails as text. Never raises: what cannot be read is shown as the sign for it."""

from __future__ import annotations

import codecs
import re
import unicodedata
from email.errors import HeaderParseError
from email.header import decode_header

# What mail programs say, and what they mean: the wider set that holds the one they name.
_MEANT = {
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "hz-gb-2312": "hz",
    "big5": "big5hkscs",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "iso-2022-jp": "iso2022_jp_ext",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-cyrillic": "mac-cyrillic",
    "windows-874": "cp874",
}
# When nothing is said, or what is said is not so.
_TRIED = ("utf-8", "gb18030", "cp1252")
# Nobody writes more into a header.
_LONGEST_HEADER = 10_000


def text_of(content: bytes, charset: str = "") -> str:
    """The text in the set that the mail names, else in the one that fits."""
    name = charset.strip().strip("\"'").lower()
    meant = _MEANT.get(name, name)
    for tried in dict.fromkeys(filter(None, [meant, *_TRIED])):
        try:
            return content.decode(tried)
        except (LookupError, UnicodeError, ValueError):
            continue
    return content.decode(meant if _is_text(meant) else "utf-8", "replace")


def _is_text(name: str) -> bool:
    try:
        return bool(name) and codecs.lookup(name)._is_text_encoding
    except (LookupError, ValueError):
        return False


def header_text(value: object) -> str:
    """A header as people read it: encoded words opened, bytes that no header may hold guessed."""
    raw = str(value)[:_LONGEST_HEADER]
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = text_of(raw.encode("utf-8", "surrogateescape"))
    if "=?" in raw:
        raw = _open_words(raw)
    return plain(" ".join(raw.split()))


def _open_words(raw: str) -> str:
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        return raw
    return "".join(_part(content, charset) for content, charset in parts)


def _part(content: bytes | str, charset: str | None) -> str:
    if isinstance(content, str):
        return content
    # What stands between encoded words comes as bytes of its own kind.
    return content.decode("raw-unicode-escape", "replace") if charset is None else text_of(content, charset)


_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")


def plain(text: str) -> str:
    """What a database takes and a page shows: no control characters but ends of lines and tabs, no halves of pairs."""
    text = _BREAKS.sub("\n", text)
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs"))
