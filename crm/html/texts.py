"""Between HTML and plain text, for the part of a mail that every program can show."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from django.utils.html import linebreaks, urlize

_BLOCK_TAGS = "blockquote caption center dd div dl dt figure figcaption h1 h2 h3 h4 h5 h6 ol p pre table tr ul"
_BLOCKS = set(_BLOCK_TAGS.split())
# With an empty line before and behind them.
_APART = _BLOCKS - {"caption", "center", "dd", "div", "dt", "figcaption", "tr"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_SILENT = {"script", "style", "title", "template", "noscript"}


def html_to_text(html: str) -> str:
    """Paragraphs apart, list items with a dash, links with their address behind them, cells of a row side by side."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


def text_to_html(text: str) -> str:
    """Paragraphs and line breaks; addresses become links. For those who write no HTML."""
    return linebreaks(urlize(text.strip(), autoescape=True), autoescape=False)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        # Line ends that are due before whatever is said next.
        self._due = 0
        self._lists: list[int | None] = []
        self._links: list[tuple[str, int]] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _SILENT:
            self._silent += 1
        elif tag in _BLOCKS:
            self._break(tag)
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._due = max(self._due, 1)
            self._say("  " * (len(self._lists) - 1) + self._mark())
        elif tag == "br":
            self._due += 1
        elif tag == "hr":
            self._due = 2
            self._say("----------")
            self._due = 2
        elif tag == "img" and given.get("alt"):
            self._say(f"[{given['alt']}]")
        elif tag == "a":
            self._links.append((given.get("href") or "", len(self._parts)))
        elif tag in ("td", "th") and not self._due:
            self._say("  ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "a" and self._links:
            self._close_link()
        elif tag in ("ul", "ol") and self._lists:
            self._lists.pop()
            self._break(tag)
        elif tag in _BLOCKS:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._say(_BLANKS.sub(" ", data))

    def _say(self, text: str) -> None:
        if self._due or not self._parts:
            text = text if text.startswith("  ") else text.lstrip(" ")
            if not text:
                return
            self._parts.append("\n" * self._due if self._parts else "")
            self._due = 0
        self._parts.append(text)

    def _break(self, tag: str) -> None:
        self._due = max(self._due, 2 if tag in _APART and not self._lists else 1)

    def _mark(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number + 1}. "

    def _close_link(self) -> None:
        address, start = self._links.pop()
        shown = "".join(self._parts[start:]).strip()
        plain = address.removeprefix("mailto:").removeprefix("tel:")
        if plain and plain.rstrip("/") != shown.rstrip("/"):
            self._say(f" ({plain})" if shown else plain)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in "".join(self._parts).split("\n")).strip()
