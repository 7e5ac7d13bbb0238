"""Reads a PDF that WeasyPrint wrote: its text by page, and the fonts it carries along. Small and our own, so that the
tests of documents run where no PDF tools are installed."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cached_property

_OBJECT = re.compile(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", re.S)
_STREAM = re.compile(rb"^(<<.*?>>)\s*stream\n(.*)\nendstream$", re.S)
_SHOWN = re.compile(rb"/(?P<font>[\w-]+) [\d.]+ Tf|<(?P<glyphs>[0-9a-fA-F]+)>|(?P<end>\bET\b)")
_MAPPED = re.compile(rb"<([0-9a-fA-F]+)> <([0-9a-fA-F]+)>")


@dataclass(frozen=True)
class Pdf:
    content: bytes

    @cached_property
    def page_texts(self) -> list[str]:
        return [self._text_of(page) for page in self._pages]

    @property
    def text(self) -> str:
        return "\n".join(self.page_texts)

    @property
    def page_count(self) -> int:
        return len(self._pages)

    @cached_property
    def embedded_fonts(self) -> set[str]:
        """Names of the fonts whose glyphs are in the file: Noto-Sans-CJK-SC."""
        descriptors = [one for one in self._objects.values() if b"/FontDescriptor" in one and b"/FontFile" in one]
        names = {match[1].decode() for one in descriptors if (match := re.search(rb"/FontName /([^\s/>]+)", one))}
        return {name.split("+")[-1] for name in names}

    def metadata(self, key: str) -> str:
        """`Title`, `Author` …"""
        pattern = re.compile(rb"/%b (?:<(?P<coded>[0-9a-f]+)>|\((?P<plain>.*?)\))" % key.encode())
        found = next(match for one in self._objects.values() if (match := pattern.search(one)))
        return bytes.fromhex(found["coded"].decode()).decode("utf-16") if found["coded"] else found["plain"].decode()

    @cached_property
    def _objects(self) -> dict[int, bytes]:
        found = {int(number): body for number, body in _OBJECT.findall(self.content)}
        for body in list(found.values()):
            if b"/Type /ObjStm" in body:
                found |= _packed(body)
        return found

    @cached_property
    def _pages(self) -> list[bytes]:
        tree = next(one for one in self._objects.values() if b"/Type /Pages" in one)
        kids = re.search(rb"/Kids \[(.*?)\]", tree, re.S)
        assert kids
        return [self._objects[int(number)] for number in re.findall(rb"(\d+) 0 R", kids[1])]

    def _referred(self, body: bytes, key: bytes) -> bytes:
        """What `/Key` holds: the object it points to, or the dictionary itself."""
        match = re.search(rb"/%b (\d+) 0 R" % key, body)
        return self._objects[int(match[1])] if match else body

    def _text_of(self, page: bytes) -> str:
        resources = self._referred(page, b"Resources")
        fonts = self._referred(resources, b"Font")
        glyphs = {name: self._letters(int(number)) for name, number in re.findall(rb"/([\w-]+) (\d+) 0 R", fonts)}
        content = _stream(self._referred(page, b"Contents"))
        text, letters = [], {}
        for match in _SHOWN.finditer(content):
            if match["font"]:
                letters = glyphs.get(match["font"], {})
            elif match["end"]:
                text.append("\n")
            else:
                codes = bytes.fromhex(match["glyphs"].decode())
                text += [letters.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
        return "".join(text)

    def _letters(self, number: int) -> dict[bytes, str]:
        """{glyph: its text} of a font, by the table that programs use when text is copied."""
        font = self._objects.get(number, b"")
        if b"/ToUnicode" not in font:
            return {}
        table = _stream(self._referred(font, b"ToUnicode"))
        return {
            bytes.fromhex(glyph.decode()): bytes.fromhex(text.decode()).decode("utf-16-be")
            for glyph, text in _MAPPED.findall(table.split(b"endcodespacerange")[-1])
        }


def _stream(body: bytes) -> bytes:
    match = _STREAM.match(body.strip())
    assert match, body[:100]
    return zlib.decompress(match[2]) if b"FlateDecode" in match[1] else match[2]


def _packed(body: bytes) -> dict[int, bytes]:
    """The objects of an object stream: pairs of number and place, then the objects."""
    first = int(re.search(rb"/First (\d+)", body)[1])
    content = _stream(body)
    numbers = [int(number) for number in content[:first].split()]
    places = [*numbers[1::2], len(content) - first]
    return {
        number: content[first + begin : first + end].strip()
        for number, begin, end in zip(numbers[::2], places, places[1:], strict=False)
    }
