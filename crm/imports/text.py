"""Delimited text: which encoding, which delimiter, and its rows with their line numbers."""

import codecs
import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crm.errors import BadEncoding, EmptyFile, NotATable, UnclosedQuote, UnknownEncoding

READ_SIZE = 1 << 20
SAMPLE_CHARACTERS = 64 * 1024
LONGEST_CELL = 1_000_000
# A delimited file without a line break for this long is no table (and one line is read whole into memory).
LONGEST_LINE_BYTES = 16 << 20
DELIMITERS = (",", ";", "\t", "|")
# Encodings a person may choose; "" lets the file decide. Those that accept any bytes are never guessed.
ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "gb18030",
    "big5",
    "latin-1",
    "cp1252",
    "cp1250",
    "cp1251",
    "iso-8859-7",
    "shift_jis",
    "euc-kr",
)
BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
# Line that the csv reader must give back as a row of its own: a quote left open would swallow it.
END_OF_FILE = "\x1aend of file\x1a"

csv.field_size_limit(LONGEST_CELL)


@dataclass(frozen=True)
class TextFormat:
    encoding: str
    delimiter: str
    skip_blank_after_delimiter: bool = False
    skip_lines: int = 0  # an Excel "sep=;" line
    has_nul: bool = False


def detect_format(path: Path, *, encoding: str = "", delimiter: str = "") -> TextFormat:
    """Raises EmptyFile, NotATable, UnknownEncoding, BadEncoding. Reads the whole file once, in constant memory."""
    found, has_nul = detect_encoding(path, chosen=encoding)
    sample = _sample(path, found)
    if not sample.strip("\0\r\n\t ,;|"):
        raise EmptyFile()
    skip_lines = 0
    first_line = sample.split("\n", 1)[0].strip("\r")
    if first_line[:4].lower() == "sep=" and len(first_line) == 5:
        skip_lines = 1
        delimiter = delimiter or first_line[4]
        sample = sample.split("\n", 1)[-1]
    delimiter = delimiter or guess_delimiter(sample)
    return TextFormat(
        encoding=found,
        delimiter=delimiter,
        skip_blank_after_delimiter=f'{delimiter} "' in sample and delimiter != "\t",
        skip_lines=skip_lines,
        has_nul=has_nul,
    )


# -- encoding


def detect_encoding(path: Path, *, chosen: str = "") -> tuple[str, bool]:
    """Return (encoding, whether NUL characters occur), having decoded the whole file with it."""
    with path.open("rb") as raw:
        head = raw.read(READ_SIZE)
    if not head.strip():
        raise EmptyFile()
    for mark, name in BYTE_ORDER_MARKS:
        # A chosen encoding does not overrule a byte-order mark of the same family.
        if head.startswith(mark) and (not chosen or name.startswith(chosen[:6])):
            return name, bool(_decodes(path, name, chosen=True))
    if chosen:
        return chosen, bool(_decodes(path, chosen, chosen=True))
    by_nul = _utf16_without_mark(head)
    if by_nul:
        return by_nul, bool(_decodes(path, by_nul, chosen=True))
    if head.startswith(b"%PDF") or _is_binary(head):
        raise NotATable()
    has_nul = _decodes(path, "utf-8")
    if has_nul is not None:
        return "utf-8", has_nul
    # GB18030 accepts most byte pairs, Western text included, so it must also look like Chinese.
    has_nul = _decodes(path, "gb18030")
    if has_nul is not None and _looks_chinese(path):
        return "gb18030", has_nul
    raise UnknownEncoding()


def _decodes(path: Path, encoding: str, *, chosen: bool = False) -> bool | None:
    """Whether NUL occurs; None (or BadEncoding, where the encoding was chosen) when the bytes do not fit."""
    decoder = codecs.getincrementaldecoder(encoding)()
    wide = encoding.startswith("utf-16")
    has_nul = False
    since_break = 0
    with path.open("rb") as raw:
        while block := raw.read(READ_SIZE):
            last_break = max(block.rfind(b"\n"), block.rfind(b"\r"))
            since_break = len(block) - last_break if last_break >= 0 else since_break + len(block)
            if since_break > LONGEST_LINE_BYTES:
                raise NotATable()
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                if chosen:
                    raise BadEncoding(encoding=encoding) from error
                return None
            has_nul = has_nul or ("\0" in text if wide else b"\0" in block)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        if chosen:
            raise BadEncoding(encoding=encoding) from error
        return None
    return has_nul


def _utf16_without_mark(head: bytes) -> str:
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > half * 0.3 and even < half * 0.05:
        return "utf-16-le"
    if even > half * 0.3 and odd < half * 0.05:
        return "utf-16-be"
    return ""


def _is_binary(head: bytes) -> bool:
    control = sum(head.count(bytes([code])) for code in range(32) if code not in (0, 9, 10, 11, 12, 13, 26, 27))
    return control > len(head) * 0.02


def _looks_chinese(path: Path) -> bool:
    """Whether byte pairs are mostly those of GB 2312 (both bytes high): the characters that Chinese text consists of.

    An accented Western letter is one high byte beside an ASCII one, so its pairs fall outside.
    """
    pairs = common = 0
    with path.open("rb") as raw:
        block = raw.read(READ_SIZE)
    at = 0
    while at < len(block) - 1 and pairs < 20_000:
        lead, trail = block[at], block[at + 1]
        if lead < 0x81:
            at += 1
            continue
        pairs += 1
        if (0xB0 <= lead <= 0xF7 or 0xA1 <= lead <= 0xA9) and trail >= 0xA1:
            common += 1
        at += 2
    return common > pairs * 0.85


def _sample(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, newline="") as stream:
        return stream.read(SAMPLE_CHARACTERS)


# -- delimiter


def guess_delimiter(sample: str) -> str:
    """The delimiter that cuts most rows of the sample into the same number of cells, two or more; else a comma."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _delimiter_score(sample, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _delimiter_score(sample: str, delimiter: str) -> tuple[float, int]:
    rows = []
    try:
        for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter, skipinitialspace=True):
            if cells:
                rows.append(len(cells))
            if len(rows) == 200:
                break
    except csv.Error:
        return 0.0, 0
    if len(rows) > 1 and len(sample) == SAMPLE_CHARACTERS:
        rows.pop()  # cut off by the end of the sample
    if not rows:
        return 0.0, 0
    usual, times = max(Counter(rows).items(), key=lambda item: (item[1] if item[0] > 1 else 0, item[0]))
    if usual < 2:
        return 0.0, 0
    return round(times / len(rows), 1), usual


# -- rows


def read_rows(path: Path, form: TextFormat) -> Iterator[tuple[int, list[str]]]:
    """(number of the line a row begins on, its cells), blank rows left out. Raises UnclosedQuote, BadEncoding."""
    with path.open(encoding=form.encoding, newline="") as stream:
        lines: Iterator[str] = itertools.chain(stream, (END_OF_FILE,))
        for _skipped in range(form.skip_lines):
            next(lines)
        if form.has_nul:
            # PostgreSQL stores no NUL, and no text means anything by it.
            lines = (line.replace("\0", "") for line in lines)
        reader = csv.reader(lines, delimiter=form.delimiter, skipinitialspace=form.skip_blank_after_delimiter)
        begins = 1 + form.skip_lines
        try:
            for cells in reader:
                begin, begins = begins, reader.line_num + 1 + form.skip_lines
                if not cells or (not cells[0] and not any(cells)):
                    continue
                if cells[-1].endswith(END_OF_FILE):
                    if cells == [END_OF_FILE]:
                        return
                    raise UnclosedQuote(line=begin)
                yield begin, cells
        except csv.Error as error:
            raise UnclosedQuote(line=begins) from error
        except UnicodeDecodeError as error:
            raise BadEncoding(encoding=form.encoding) from error
    raise UnclosedQuote(line=begins)  # the end came without its marker: it went into an open cell
