"""A table names the columns of a list. One declaration serves the page, the choice of columns and the export.

class CustomerTable(Table):
    name = LinkColumn(_("Name"), sort="name_sort")
    stage = ChoiceColumn(_("Stage"), colors=STAGE_COLORS, sort=("stage", "-updated_at"))
    owner = PersonColumn(_("Owner"))
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Model, QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from .columns import (
    BadgeColumn,
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    MoneyColumn,
    NumberColumn,
    PercentColumn,
    PersonColumn,
    RelatedColumn,
    TagsColumn,
    YesNoColumn,
)
from .formats import writing

__all__ = [
    "BadgeColumn",
    "ChoiceColumn",
    "Column",
    "DateColumn",
    "DateTimeColumn",
    "LinkColumn",
    "MoneyColumn",
    "NumberColumn",
    "PercentColumn",
    "PersonColumn",
    "RelatedColumn",
    "Table",
    "TagsColumn",
    "YesNoColumn",
]


@dataclass(frozen=True, slots=True)
class Head:
    """One cell of the head: `sort` is the value of `?sort=` that a click on it asks for."""

    column: Column
    sort: str
    direction: str


class Table:
    columns: ClassVar[dict[str, Column]] = {}
    # "-updated_at": the column's name, "-" for descending.
    default_sort: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        inherited = {
            key: column for base in reversed(cls.__mro__[1:]) for key, column in vars(base).get("columns", {}).items()
        }
        own = {key: value for key, value in vars(cls).items() if isinstance(value, Column)}
        # A subclass drops an inherited column by setting it to None.
        cls.columns = {
            key: column for key, column in (inherited | own).items() if vars(cls).get(key, column) is not None
        }

    def __init__(self, shown: Iterable[str] = (), sort: str = ""):
        self.shown = self.chosen(shown)
        self.sort = sort or self.default_sort

    @classmethod
    def chosen(cls, keys: Iterable[str]) -> list[Column]:
        """The columns with these keys in the person's order, fixed ones first; the default ones when none is known."""
        picked = [cls.columns[key] for key in dict.fromkeys(keys) if key in cls.columns]
        if not picked:
            return [column for column in cls.columns.values() if column.visible]
        fixed = [column for column in cls.columns.values() if column.fixed]
        return fixed + [column for column in picked if not column.fixed]

    @classmethod
    def is_sortable(cls, sort: str) -> bool:
        column = cls.columns.get(sort.removeprefix("-"))
        return bool(column and column.sort)

    @classmethod
    def order(cls, sort: str = "") -> tuple[str, ...]:
        """The order of rows for a `?sort=`: the column's fields, turned round when descending, and the id."""
        sort = sort or cls.default_sort
        column = cls.columns.get(sort.removeprefix("-"))
        fields = column.sort if column and column.sort else ()
        if not fields:
            return ("-id",)
        if fields[-1].lstrip("-") != "id":
            fields = (*fields, "-id" if fields[-1].startswith("-") else "id")
        return tuple(_turned(field) for field in fields) if sort.startswith("-") else fields

    def with_related(self, queryset: QuerySet) -> QuerySet:
        """Fetch with the rows what the shown columns need, and nothing for those that are hidden."""
        related = [name for column in self.shown for name in column.related]
        prefetch = [lookup() if callable(lookup) else lookup for column in self.shown for lookup in column.prefetch]
        if related:
            queryset = queryset.select_related(*related).defer(*(name for c in self.shown for name in c.deferred))
        return queryset.prefetch_related(*prefetch) if prefetch else queryset

    @property
    def head(self) -> list[Head]:
        return [self._head(column) for column in self.shown]

    def _head(self, column: Column) -> Head:
        if not column.sort:
            return Head(column, "", "none")
        if self.sort == column.key:
            return Head(column, f"-{column.key}", "ascending")
        if self.sort == f"-{column.key}":
            return Head(column, column.key, "descending")
        # A date is wanted newest first, a name from A.
        newest_first = isinstance(column, DateTimeColumn | MoneyColumn | NumberColumn)
        return Head(column, f"-{column.key}" if newest_first else column.key, "none")

    def render(self, rows: Iterable[Model], *, selectable: bool = False) -> SafeString:
        """The rows of the body. `data-label` is what a card on a telephone shows beside the value."""
        select = escape(gettext("Select %(name)s")) if selectable else ""
        cells = [
            (column, f'<td class="{_classes(column)}" data-label="{escape(column.label)}">') for column in self.shown
        ]
        with writing():
            return mark_safe("".join(_row(row, cells, select) for row in rows))


def _row(row: Model, cells: list[tuple[Column, str]], select: str) -> str:
    box = ""
    if select:
        box = (
            '<td class="gx-select"><input class="form-check-input" type="checkbox" name="ids" '
            f'value="{row.pk}" aria-label="{select % {"name": escape(row)}}" form="bulk"></td>'
        )
    return f"<tr>{box}{''.join(f'{opening}{column.html(row)}</td>' for column, opening in cells)}</tr>"


def _classes(column: Column) -> str:
    return " ".join(
        filter(None, [column.css, "gx-end" if column.align == "end" else "", "gx-fixed" if column.fixed else ""])
    )


def _turned(field: str) -> str:
    return field[1:] if field.startswith("-") else f"-{field}"
