"""What one import does with a row, worked out once: converters, staged columns, keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db import connection, models

from crm.tenancy.fields import column_field

from .faults import Fault, Invalid
from .registry import Computed, Derived, FieldType, ImportField, ImportKind, MatchKey, OnMatch, import_kinds
from .values import Convert, ValueContext

# Columns of the staging table that are no columns of the record end in two underscores and a word.
KEY, SORT, NAMES, WORDS = "__key", "__sort", "__names", "words__doc"


@dataclass(frozen=True)
class Cell:
    """A mapped column: position in the row, converter, and whether a cell that cannot be read is left out."""

    position: int
    name: str
    convert: Convert
    forgiving: bool = False


@dataclass(frozen=True)
class Staged:
    name: str
    sql_type: str


@dataclass(frozen=True)
class Made:
    """A staged column that is made from cells: from what those at `positions` became, none of them blank."""

    column: str
    sql_type: str
    positions: tuple[int, ...]
    compute: Callable[..., str]


@dataclass(frozen=True)
class Reference:
    """A mapped field that points to another kind, found by that kind's key."""

    field: ImportField
    kind: ImportKind
    key: MatchKey
    column: str

    @property
    def staged(self) -> str:
        return f"{self.field.fills}{KEY}"


@dataclass(frozen=True)
class Plan:
    """`updates` are the model's columns that a matched record takes from the row, beside derived ones."""

    kind: ImportKind
    mapping: Mapping[str, int]
    width: int
    context: ValueContext
    tenant_id: int
    match_key: str = ""
    on_match: OnMatch = OnMatch.UPDATE

    @cached_property
    def mapped(self) -> list[ImportField]:
        return sorted((self.kind.field(name) for name in self.mapping), key=lambda one: self.mapping[one.name])

    @cached_property
    def filled(self) -> set[str]:
        """Fields of the model that the file fills."""
        return {one.fills for one in self.mapped}

    @cached_property
    def key(self) -> MatchKey | None:
        return self.kind.key(self.match_key) if self.match_key else None

    @cached_property
    def cells(self) -> list[Cell]:
        return [
            Cell(self.mapping[one.name], one.name, self.kind.converter(one, self.context), one.forgiving)
            for one in self.mapped
        ]

    def prepare(self) -> None:
        """Ask for what the cells are compared with. Called in the tenant and in a transaction."""
        _ = self.cells

    @cached_property
    def references(self) -> list[Reference]:
        found = []
        for one in self.mapped:
            if one.type == FieldType.REFERENCE:
                other = import_kinds[one.to]
                found.append(Reference(one, other, other.key(one.by), self.column_of(one.fills)))
        return found

    @cached_property
    def plain(self) -> list[str]:
        """Columns of the record that come straight from a cell."""
        special = (FieldType.TAGS, FieldType.REFERENCE)
        return [self.column_of(one.fills) for one in self.mapped if one.type not in special]

    @cached_property
    def derived(self) -> list[Derived]:
        return [one for one in self.kind.derived if one.source in self.filled]

    @cached_property
    def computed(self) -> list[Computed]:
        """Fields that follow from others, because no column fills them."""
        known = self.filled | {one.column for one in self.derived}
        return [one for one in self.kind.computed if {*one.sources} <= self.filled and one.field not in known]

    @cached_property
    def needed(self) -> set[str]:
        """Mapped fields whose cells a new record cannot do without."""
        required = {one.name for one in self.mapped if one.required}
        needing = {one.fills for one in self.computed_fields if one.required}
        return required.union(*(one.sources for one in self.computed if one.field in needing))

    @property
    def computed_fields(self) -> list[ImportField]:
        names = {one.field for one in self.computed}
        return [one for one in self.kind.fields if one.fills in names]

    @property
    def computed_columns(self) -> list[str]:
        return [self.column_of(one.field) for one in self.computed]

    @cached_property
    def with_tags(self) -> bool:
        return any(one.type == FieldType.TAGS for one in self.mapped)

    @cached_property
    def with_words(self) -> bool:
        """Whether the words of a new record can be made from the row alone."""
        search = self.kind.search
        return bool(search and search.words and set(search.fields) <= self.filled)

    @cached_property
    def staged(self) -> list[Staged]:
        """Columns of the staging table after `row_no`, in the order in which the cells and `made` give them."""
        columns = []
        for one in self.mapped:
            if one.type == FieldType.TAGS:
                columns.append(Staged(f"{one.fills}{NAMES}", "text[]"))
            elif one.type == FieldType.REFERENCE:
                columns.append(Staged(f"{one.fills}{KEY}", "text"))
            else:
                columns.append(Staged(self.column_of(one.fills), self.sql_type(one.fills)))
        columns += [Staged(one.column, one.sql_type) for one in self.made]
        if self.with_words:
            columns.append(Staged(WORDS, "tsvector"))
        return columns

    @cached_property
    def made(self) -> list[Made]:
        positions = {one.fills: position for position, one in enumerate(self.mapped)}
        made = [Made(one.column, "text", (positions[one.source],), one.compute) for one in self.derived]
        for one in self.computed:
            places = tuple(positions[source] for source in one.sources)
            made.append(Made(self.column_of(one.field), self.sql_type(one.field), places, one.compute))
        for reference in self.references:
            if reference.key.index:
                compute = next(one.compute for one in reference.kind.derived if one.column == reference.key.index)
                place = positions[reference.field.fills]
                made.append(Made(f"{reference.field.fills}{SORT}", "text", (place,), compute))
        return made

    @cached_property
    def word_positions(self) -> list[int]:
        positions = {one.fills: position for position, one in enumerate(self.mapped)}
        return [positions[name] for name in self.kind.search.fields] if self.with_words and self.kind.search else []

    def column_of(self, name: str) -> str:
        return self.model_field(name).column or name

    def sql_type(self, name: str) -> str:
        """The type without its length: lengths were checked by the converter, and text copies fastest."""
        one = self.model_field(name)
        if isinstance(one, models.CharField):
            return "text"
        if isinstance(one, models.ForeignKey):
            return "bigint"
        return one.db_type(connection) or "text"

    def model_field(self, name: str) -> models.Field:
        return column_field(self.kind.model, name)

    def problems(self, cells: list[str]) -> list[tuple[str, Fault]]:
        """What the row itself tells: (field, fault). What only the database knows comes later."""
        found = []
        if len(cells) > self.width:
            found.append(("", Fault.TOO_MANY_CELLS))
        for cell in self.cells:
            text = cells[cell.position]
            try:
                value = cell.convert(text) if text else ""
            except Invalid as error:
                if not cell.forgiving:
                    found.append((cell.name, error.code))
                continue
            if not value and cell.name in self.needed:
                found.append((cell.name, Fault.REQUIRED))
        return found
