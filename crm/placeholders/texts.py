"""A text with placeholders, taken apart once and filled many times."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from html import escape, unescape

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm.errors import CrmError

from .registry import Context, Placeholder, find

_MARK = re.compile(r"\{\{(?P<inside>.*?)\}\}", re.S)
# Longer than anybody means: an opening that was never closed, up to the next one.
_LONGEST = 300


class BadPlaceholder(CrmError):
    def __init__(self, words: str):
        super().__init__(format_lazy(_("There is no placeholder “{words}”. Choose one of the list."), words=words))


class OpenPlaceholder(CrmError):
    message = _("A placeholder is opened with {{ and not closed. Write it as {{ name }}.")


@dataclass(frozen=True, slots=True)
class Slot:
    """A placeholder in its place, and what stands there when there is no value."""

    placeholder: Placeholder
    fallback: str


@dataclass(frozen=True, slots=True)
class Text:
    parts: tuple[str | Slot, ...]
    is_html: bool

    @property
    def slots(self) -> Iterator[Slot]:
        return (part for part in self.parts if isinstance(part, Slot))

    @property
    def names(self) -> set[str]:
        return {slot.placeholder.name for slot in self.slots}

    def fill(self, context: Context) -> str:
        """With the values at hand; a value is text, whatever it holds: in HTML it is escaped."""
        return "".join(part if isinstance(part, str) else self._value(part, context) for part in self.parts)

    def _value(self, slot: Slot, context: Context) -> str:
        value = str(slot.placeholder.value(context) or "").strip() or slot.fallback
        return escape(value) if self.is_html else value


def parse(text: str, *, sources: Collection[str], is_html: bool = False) -> Text:
    """`sources` are the things that will be at hand, such as "customer". Raises BadPlaceholder and OpenPlaceholder.

    HTML must have been cleaned before: what a program for writing puts into the braces (&nbsp;) is read as meant.
    """
    parts: list[str | Slot] = []
    end = 0
    for match in _MARK.finditer(text):
        _check_closed(text[end : match.start()])
        parts += [text[end : match.start()], _slot(match["inside"], sources, is_html)]
        end = match.end()
    _check_closed(text[end:])
    return Text((*parts, text[end:]), is_html)


def _check_closed(literal: str) -> None:
    if "{{" in literal or "}}" in literal:
        raise OpenPlaceholder


def _slot(inside: str, sources: Collection[str], is_html: bool) -> Slot:
    if "{{" in inside or len(inside) > _LONGEST:
        raise OpenPlaceholder
    words = unescape(re.sub(r"<[^>]*>", "", inside)) if is_html else inside
    name, _bar, fallback = words.replace("｜", "|").replace("\xa0", " ").partition("|")
    placeholder = find(name.strip())
    if placeholder is None or placeholder.source not in sources:
        raise BadPlaceholder(name.strip()[:60])
    return Slot(placeholder, fallback.strip())
