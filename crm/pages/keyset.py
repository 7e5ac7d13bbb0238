"""Pages of a list by key: the page after a thousand pages costs what the first one costs.

An order is a tuple of field names, "-" for descending, whose last field is the id. Where all keys run the same way, the
rows after a cursor are `(updated_at, id) < (x, y)`; where they do not, `a <= x AND (a < x OR id < y)`. Both are served
by an index in that order (DATA_DESIGN.md section 6). In the second form the rows equal in `a` are walked, so a key with
few values should run the same way as the keys behind it.

Only the first key may be empty. PostgreSQL keeps empty values in one block (last when ascending), so the list has two
parts; a page that reaches from one part into the other takes a second statement.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Field, ForeignKey, Func, Model, Q, QuerySet, Value

_LONGEST_CURSOR = 2_000

Row = TypeVar("Row", bound=Model)


class BadCursor(ValueError):
    """The cursor in the address does not fit this list in this order. The list begins again."""


@dataclass(frozen=True, slots=True)
class Key:
    field: Field
    descending: bool

    @property
    def name(self) -> str:
        return self.field.attname

    @property
    def reversed(self) -> Key:
        return Key(self.field, not self.descending)

    @property
    def order(self):
        return F(self.name).desc() if self.descending else F(self.name).asc()

    def parse(self, raw: Any) -> Any:
        """The value out of a cursor, or BadCursor. Whatever passes here, the database can compare with."""
        if raw is None:
            if self.field.null:
                return None
            raise BadCursor
        if not isinstance(raw, str | int | float) or "\0" in str(raw):
            raise BadCursor
        field = self.field.target_field if isinstance(self.field, ForeignKey) else self.field
        try:
            value = field.to_python(raw)
            field.run_validators(value)
        except (ValidationError, ValueError, OverflowError, TypeError) as error:
            raise BadCursor from error
        return value


class RowComparison(Func):
    """`(a, b) < (x, y)`, which Django's tuple lookups keep for composite primary keys."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, keys: Iterable[Key], operator: str, values: Iterable[Any]):
        self.operator = operator
        keys = list(keys)
        super().__init__(
            *(F(key.name) for key in keys),
            *(Value(value, output_field=key.field) for key, value in zip(keys, values, strict=True)),
        )

    def as_sql(  # type: ignore[override]  # Func has parameters for templates, which this has none of
        self, compiler: Any, connection: Any, **extra: Any
    ) -> tuple[str, list[Any]]:
        parts = [compiler.compile(expression) for expression in self.get_source_expressions()]
        half = len(parts) // 2
        left, right = (", ".join(sql for sql, _ in side) for side in (parts[:half], parts[half:]))
        return f"({left}) {self.operator} ({right})", [param for _, params in parts for param in params]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    previous: str | None
    next: str | None


class Keyset:
    """The order of a list, and its pages."""

    def __init__(self, model: type[Model], order: Iterable[str]):
        self.keys = tuple(_key(model, name) for name in order)
        if not self.keys or self.keys[-1].name != "id":
            raise ValueError(f"{model._meta.label}: the order of a list ends with its id.")
        if any(key.field.null for key in self.keys[1:]):
            raise ValueError(f"{model._meta.label}: only the first key of an order may be empty.")

    def page(self, queryset: QuerySet, *, size: int, after: str = "", before: str = "") -> Page:
        """The `size` rows behind `after`, or those in front of `before`. Raises BadCursor."""
        backward = bool(before and not after)
        cursor = before if backward else after
        keys = tuple(key.reversed for key in self.keys) if backward else self.keys
        values = self._decode(cursor) if cursor else None
        rows = _read(queryset, keys, values, size + 1)
        more, rows = len(rows) > size, rows[:size]
        if backward:
            rows.reverse()
        if not rows:
            return Page([], None, None)
        has_previous = more if backward else bool(cursor)
        has_next = bool(cursor) if backward else more
        return Page(rows, self.cursor(rows[0]) if has_previous else None, self.cursor(rows[-1]) if has_next else None)

    def cursor(self, row: Model) -> str:
        """Where a row is in this order, as `after` and `before` take it."""
        values = [_plain(getattr(row, key.name)) for key in self.keys]
        text = json.dumps([self._shape, *values], separators=(",", ":"), ensure_ascii=False)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _decode(self, cursor: str) -> tuple[Any, ...]:
        if len(cursor) > _LONGEST_CURSOR:
            raise BadCursor
        try:
            raw = json.loads(base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
        except (ValueError, binascii.Error, RecursionError) as error:
            raise BadCursor from error
        # Another order would read the values as something else.
        if not isinstance(raw, list) or len(raw) != len(self.keys) + 1 or raw[0] != self._shape:
            raise BadCursor
        return tuple(key.parse(value) for key, value in zip(self.keys, raw[1:], strict=True))

    @property
    def _shape(self) -> str:
        return ",".join(f"-{key.name}" if key.descending else key.name for key in self.keys)


def _key(model: type[Model], name: str) -> Key:
    field = model._meta.get_field(name.removeprefix("-"))
    assert isinstance(field, Field), f"{model._meta.label} is not sorted by its relation {name}."
    return Key(field, name.startswith("-"))


def _plain(value: Any) -> Any:
    # Not DjangoJSONEncoder: it cuts a moment to milliseconds, and rows would be shown twice.
    return value.isoformat() if isinstance(value, date | datetime) else value


def _read(queryset: QuerySet, keys: tuple[Key, ...], values: tuple[Any, ...] | None, count: int) -> list[Model]:
    rows: list[Model] = []
    for part in _parts(keys, values):
        wanted = count - len(rows)
        if wanted <= 0:
            break
        rows += queryset.filter(part).order_by(*(key.order for key in keys))[:wanted]
    return rows


def _parts(keys: tuple[Key, ...], values: tuple[Any, ...] | None) -> Iterator[Q | RowComparison]:
    """The conditions that select what lies behind `values`, in the order of the list."""
    if values is None:
        yield Q()
        return
    first, empty = keys[0], Q(**{f"{keys[0].name}__isnull": True})
    if not first.field.null:
        yield _behind(keys, values)
    elif values[0] is None:
        yield empty & Q(_behind(keys[1:], values[1:]))
        # Descending, the empty ones come first and all the others are still ahead.
        if first.descending:
            yield ~empty
    else:
        yield Q(_behind(keys, values))
        if not first.descending:
            yield empty


def _behind(keys: tuple[Key, ...], values: tuple[Any, ...]) -> Q | RowComparison:
    key, value = keys[0], values[0]
    if all(other.descending == key.descending for other in keys):
        return RowComparison(keys, "<" if key.descending else ">", values)
    strict = "lt" if key.descending else "gt"
    beyond = Q(**{f"{key.name}__{strict}": value})
    return Q(**{f"{key.name}__{strict}e": value}) & (beyond | Q(_behind(keys[1:], values[1:])))
