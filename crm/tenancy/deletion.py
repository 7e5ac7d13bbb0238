"""Deleting many rows by few statements: the database takes along what goes along, and what stays is let go before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import transaction
from django.db.models import CASCADE, SET_NULL, Model, QuerySet


@transaction.atomic
def delete_set(rows: QuerySet[Any]) -> int:
    """Delete rows of a tenant model with all that their keys cascade to; returns how many rows.

    Keys that are to be emptied instead (`SET_NULL`) are emptied first, also those that point to what goes along: the
    database itself would refuse the delete at the end of the transaction (SCALE_OUT.md rule 4).
    """
    for holders, name in _to_let_go(rows):
        holders.update(**{name: None})
    return cast(int, cast(Any, rows)._raw_delete(rows.db))


def _to_let_go(rows: QuerySet[Any]) -> Iterator[tuple[QuerySet[Any], str]]:
    """(rows whose key is to be emptied, the key's name), for what is deleted and for what goes along with it."""
    for relation in rows.model._meta.related_objects:
        model = cast(type[Model], relation.related_model)
        name = relation.field.name
        holders = model._default_manager.filter(**{f"{name}__in": rows.order_by().values("pk")})
        if relation.on_delete is SET_NULL:
            yield holders, name
        elif relation.on_delete is CASCADE and model is not rows.model:
            yield from _to_let_go(holders)
