"""Rows of a list for a file: the cells that the list's columns export, without making an object for every row.

A column that shows a plain field is read straight from the cursor. Only columns that compute something get the rows as
objects, a page at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, cast

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Prefetch, QuerySet
from django.utils import timezone

from crm.pages.columns import (
    Cell,
    ChoiceColumn,
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    NumberColumn,
    PercentColumn,
    PersonColumn,
    RelatedColumn,
    TagsColumn,
    YesNoColumn,
)
from crm.pages.listing import Listing
from crm.tenancy.lookups import Among

AT_ONCE = 5_000
# Of tags, whose cells are kept.
_MOST_CHOICES = 10_000
# Columns whose `export` is known to need nothing but the value of the field.
_PLAIN = (Column, LinkColumn, NumberColumn, PercentColumn, DateColumn, YesNoColumn)

Page = Sequence[tuple]


@dataclass(frozen=True)
class _Direct:
    """A column that is read from the cursor: the value at `position`, made a cell."""

    position: int
    make: Callable[[Any], Cell] | None


@dataclass(frozen=True)
class _Related:
    """A column that shows another record by its text: fetched for a page of rows at once."""

    position: int
    model: type[models.Model]


@dataclass(frozen=True)
class _Tags:
    """A column of tags. The links are fetched for a page of rows, as numbers; a choice of tags is made a cell once."""

    column: TagsColumn
    prefetch: Prefetch
    row: str  # of the link, to the row
    tag: models.ForeignKey  # of the link
    known: dict[int, models.Model] = field(default_factory=dict)
    cells: dict[tuple[int, ...], Cell] = field(default_factory=dict)


Source = _Direct | _Related | _Tags | Column


def export_rows(listing: Listing) -> Iterator[list[Cell]]:
    """In the order of the list. Inside a transaction: the rows come through a server-side cursor."""
    model = listing.page.model
    lookups = ["pk"]
    sources: list[Source] = []
    for column in listing.table.shown:
        source = _source(column, model, len(lookups))
        sources.append(source)
        if isinstance(source, _Direct | _Related):
            lookups.append(_field_of(column, model).attname)
    rows = listing.rows.order_by(*listing.order).values_list(*lookups).iterator(chunk_size=AT_ONCE)
    computed = [source for source in sources if isinstance(source, Column)]
    while page := list(islice(rows, AT_ONCE)):
        objects = _objects(listing, [row[0] for row in page], computed)
        yield from zip(*(_cells(source, model, page, objects) for source in sources), strict=True)


def _source(column: Column, model: type[models.Model], position: int) -> Source:
    kind = type(column)
    if isinstance(column, TagsColumn) and (tags := _tags(column, model)):
        return tags
    if not isinstance(column._accessor, str | None):
        return column
    try:
        field = _field_of(column, model)
    except FieldDoesNotExist:
        return column
    if kind in (PersonColumn, RelatedColumn) and isinstance(field, models.ForeignKey):
        return _Related(position, field.related_model)
    if isinstance(field, models.ForeignKey):
        return column
    if kind is ChoiceColumn and field.flatchoices:
        words = {value: str(label) for value, label in field.flatchoices if value != ""}
        return _Direct(position, lambda value: words.get(value, value or None))
    if kind is DateTimeColumn:
        zone = timezone.get_current_timezone()
        return _Direct(position, lambda value: value and value.astimezone(zone))
    return _Direct(position, None) if kind in _PLAIN else column


def _field_of(column: Column, model: type[models.Model]) -> models.Field:
    """Raises FieldDoesNotExist for a path to another record, a property, or a function."""
    field = model._meta.get_field(column._accessor if isinstance(column._accessor, str) else column.key)
    if not isinstance(field, models.Field):
        raise FieldDoesNotExist
    return field


def _cells(source: Source, model: type[models.Model], page: Page, objects: Sequence[models.Model]) -> Sequence[Cell]:
    if isinstance(source, _Direct):
        values = [row[source.position] for row in page]
        return values if source.make is None else [source.make(value) for value in values]
    if isinstance(source, _Related):
        ids = [row[source.position] for row in page]
        texts = {pk: str(one) for pk, one in source.model._default_manager.in_bulk({*ids} - {None}).items()}
        return [texts.get(pk) for pk in ids]
    if isinstance(source, _Tags):
        return _tag_cells(source, model, [row[0] for row in page])
    return [source.export(one) for one in objects]


def _tags(column: TagsColumn, model: type[models.Model]) -> _Tags | None:
    """None where the column does not read its tags from one list of links to them."""
    lookups = _lookups(column)
    if len(lookups) != 1 or not isinstance(lookups[0], Prefetch) or not lookups[0].to_attr:
        return None
    relation = next((one for one in model._meta.related_objects if one.name == lookups[0].prefetch_through), None)
    followed = lookups[0].queryset.query.select_related if lookups[0].queryset is not None else None
    if relation is None or not isinstance(followed, dict) or len(followed) != 1:
        return None
    tag = cast(models.QuerySet, lookups[0].queryset).model._meta.get_field(*followed)
    return _Tags(column, lookups[0], relation.field.attname, cast(models.ForeignKey, tag))


def _tag_cells(source: _Tags, model: type[models.Model], ids: Sequence[int]) -> list[Cell]:
    links = cast(models.QuerySet, source.prefetch.queryset).filter(Among(F(source.row), list(ids)))
    tags_of: dict[int, tuple[int, ...]] = {}
    # With the link's own number, which keeps the planner from going through the links of every tag.
    for row, tag, _pk in links.values_list(source.row, source.tag.attname, "pk"):
        tags_of[row] = (*tags_of.get(row, ()), tag)
    new = {tag for tags in tags_of.values() for tag in tags} - source.known.keys()
    if new:
        source.known.update(source.tag.related_model._default_manager.in_bulk(new))
    return [_tag_cell(source, model, tags_of.get(row, ())) for row in ids]


def _tag_cell(source: _Tags, model: type[models.Model], tags: tuple[int, ...]) -> Cell:
    """What the column says of a row with these tags."""
    if tags not in source.cells:
        if len(source.cells) >= _MOST_CHOICES:
            source.cells.clear()
        row = model()
        setattr(row, cast(str, source.prefetch.to_attr), [_link(source, tag) for tag in tags])
        source.cells[tags] = source.column.export(row)
    return source.cells[tags]


def _link(source: _Tags, tag: int) -> models.Model:
    """A link of which only the tag is known: a column that asks for more fails instead of saying something else."""
    link = source.tag.model.from_db(None, [source.tag.attname], [tag])
    setattr(link, source.tag.name, source.known[tag])
    return link


def _lookups(column: Column) -> list[str | Prefetch]:
    return [lookup() if callable(lookup) else lookup for lookup in column.prefetch]


def _objects(listing: Listing, ids: Sequence[int], columns: Sequence[Column]) -> list[models.Model]:
    """The rows of a page as objects, with what the computing columns need."""
    if not columns:
        return []
    rows: QuerySet = listing.page.model._default_manager.filter(Among(F("pk"), list(ids)))
    related = [name for column in columns for name in column.related]
    prefetch = [lookup for column in columns for lookup in _lookups(column)]
    rows = rows.select_related(*related) if related else rows
    by_id = {one.pk: one for one in (rows.prefetch_related(*prefetch) if prefetch else rows)}
    # A row that was deleted since the cursor was opened is left as an empty one.
    return [by_id.get(pk) or listing.page.model(pk=pk) for pk in ids]
