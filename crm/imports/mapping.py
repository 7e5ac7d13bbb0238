"""Which column of the file fills which field: a first suggestion by its heading, and the check of what was chosen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from django.conf import settings
from django.utils.translation import override

from crm.errors import FieldMappedTwice, RequiredFieldMissing, UnknownColumn, UnknownField
from crm.pages.ids import is_id

from .registry import ImportField, ImportKind
from .values import fold

# {name of the field: position of the column}
ColumnMap = dict[str, int]
# Before the position of a column that was left out on purpose.
LEFT_OUT = "-"

_REMARK = re.compile(r"\s*[*＊:：]|\s*[(（].*[)）]\s*$")  # "Name*", "电话（必填）"


def suggest(fields: Iterable[ImportField], columns: Sequence[str]) -> ColumnMap:
    """Map columns whose heading is the name, the label in any language or another word of a field; each field once."""
    fields = list(fields)
    by_word: dict[str, list[ImportField]] = {}
    for one in fields:
        for word in heading_words(one):
            by_word.setdefault(word, []).append(one)
    chosen: ColumnMap = {}
    filled: set[str] = set()
    for position, column in enumerate(columns):
        # Programs write headings with "_" where people write blanks.
        spellings = (column, _REMARK.sub("", column), column.replace("_", " "))
        for one in next((known for known in (by_word.get(fold(word)) for word in spellings) if known), ()):
            if one.fills not in filled:
                chosen[one.name] = position
                filled.add(one.fills)
                break
    return chosen


def heading_words(one: ImportField) -> dict[str, None]:
    words = [one.name.replace("_", " "), one.name, *one.words]
    for language, _name in settings.LANGUAGES:
        with override(language):
            words.append(str(one.label))
    return dict.fromkeys(fold(word) for word in words)


def check(kind: ImportKind, allowed: Iterable[ImportField], mapping: Mapping[str, int], columns: Sequence[str]) -> None:
    """Raises UnknownField, UnknownColumn, FieldMappedTwice or RequiredFieldMissing."""
    known = {one.name: one for one in allowed}
    filled: dict[str, ImportField] = {}
    for name, position in mapping.items():
        if name not in known:
            raise UnknownField(name=name, fields=", ".join(known))
        if not 0 <= position < len(columns):
            raise UnknownColumn(name=position + 1, columns=", ".join(columns[:40]))
        one = known[name]
        if one.fills in filled:
            raise FieldMappedTwice(first=filled[one.fills].label, second=one.label)
        filled[one.fills] = one
    filled_too = {one.field for one in kind.computed if {*one.sources} <= filled.keys()}
    missing = next((one for one in kind.fields if one.required and one.fills not in {*filled, *filled_too}), None)
    if missing is not None:
        raise RequiredFieldMissing(name=missing.label, columns=", ".join(columns[:40]))


def from_pairs(pairs: Iterable[str], columns: Sequence[str]) -> ColumnMap:
    """`COLUMN=FIELD` as typed on a command line; a column is named by its heading or number. The last "=" counts.

    A pair without a field leaves its column out.
    """
    positions = {fold(column): position for position, column in enumerate(columns)}
    chosen: ColumnMap = {}
    for pair in pairs:
        column, _equals, name = pair.rpartition("=")
        position = positions.get(fold(column))
        if position is None and is_id(column) and 1 <= int(column) <= len(columns):
            position = int(column) - 1
        if position is None:
            raise UnknownColumn(name=column, columns=", ".join(columns[:40]))
        chosen[name.strip() or f"{LEFT_OUT}{position}"] = position
    return chosen


def override_with(kind: ImportKind, suggested: Mapping[str, int], chosen: Mapping[str, int]) -> ColumnMap:
    """The suggestion where nothing was chosen: neither for the column nor for what it would fill."""
    fills = {one.name: one.fills for one in kind.fields}
    filled = {fills.get(name, name) for name in chosen}
    kept = {
        name: position
        for name, position in suggested.items()
        if position not in chosen.values() and fills.get(name) not in filled
    }
    return kept | {name: position for name, position in chosen.items() if not name.startswith(LEFT_OUT)}
