"""Queries that every request asks, compiled to SQL once.

Django builds a query's SQL anew each time it is asked: 1.5 ms of CPU for a join of three tables, more than PostgreSQL
takes to answer. What a request asks before its view can say anything (docs/security.md, "Sessions") is therefore
compiled once per process, and asked at 0.2 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery

M = TypeVar("M", bound=Model)


class CompiledQuery(Generic[M]):
    """`make` makes the queryset from arguments; `samples` are arguments of the right types, each found once in it.

    `select_related` works, for the rows become objects as those of any query do. A tenant's rows are asked for by their
    `tenant_id` as one of the values, for a manager would write down the tenant of whoever asks first.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], samples: Sequence[Any]):
        self._make, self._samples = make, samples

    def first(self, *values: Any) -> M | None:
        """The row for these values, which are passed to the database as they are."""
        plan = self._plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, plan.arguments(values))
            row = cursor.fetchone()
        return None if row is None else plan.object_of(row)

    def all(self, *values: Any) -> list[M]:
        plan = self._plan
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, plan.arguments(values))
            rows = cursor.fetchall()
        return [plan.object_of(row) for row in rows]

    @cached_property
    def _plan(self) -> _Plan:
        # Made by the first request: neither models nor the connection's ways are known while modules load.
        query = self._make(*self._samples).query
        compiler = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS])
        sql, params = compiler.as_sql()
        places = [(i, self._samples.index(param)) for i, param in enumerate(params) if param in self._samples]
        if sorted(which for _, which in places) != list(range(len(self._samples))):
            raise ValueError(f"Each sample must be found once among the parameters of: {sql}")
        selected = compiler.klass_info["select_fields"]
        return _Plan(
            sql=sql,
            params=tuple(params),
            places=tuple(places),
            model=compiler.klass_info["model"],
            columns=slice(selected[0], selected[-1] + 1),
            names=[column.target.attname for column, _, _ in compiler.select[: selected[-1] + 1]][selected[0] :],
            related=get_related_populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS),  # type: ignore[call-arg]  # stubs of Django 6
            convert=_conversion(compiler),
        )


class CompiledUpdate(Generic[M]):
    """The same for a change that is made thousands of times a minute: `make` returns rows and what to set in them.

    Rows are those of a plain `QuerySet`, with their tenant among the values: see CompiledQuery.
    """

    def __init__(self, make: Callable[..., tuple[QuerySet[M], Mapping[str, Any]]], samples: Sequence[Any]):
        self._make, self._samples = make, samples

    def run(self, *values: Any) -> int:
        """Change the rows for these values, which are passed to the database as they are; returns how many."""
        sql, params, places = self._plan
        arguments = list(params)
        for place, which in places:
            arguments[place] = values[which]
        with connection.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.rowcount

    @cached_property
    def _plan(self) -> tuple[str, tuple[Any, ...], tuple[tuple[int, int], ...]]:
        rows, changes = self._make(*self._samples)
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(dict(changes))
        sql, params = query.get_compiler(connection=connections[DEFAULT_DB_ALIAS]).as_sql()
        places = tuple((i, self._samples.index(param)) for i, param in enumerate(params) if param in self._samples)
        if {which for _, which in places} != set(range(len(self._samples))):
            raise ValueError(f"Each sample must be found among the parameters of: {sql}")
        return sql, tuple(params), places


@dataclass(frozen=True, slots=True)
class _Plan:
    sql: str
    params: tuple[Any, ...]
    # (place among the parameters, which of the values stands there)
    places: tuple[tuple[int, int], ...]
    model: type[Model]
    columns: slice
    names: list[str]
    related: list[Any]
    convert: Callable[[Sequence[Any]], Sequence[Any]]

    def arguments(self, values: Sequence[Any]) -> list[Any]:
        arguments = list(self.params)
        for place, which in self.places:
            arguments[place] = values[which]
        return arguments

    def object_of(self, row: Sequence[Any]) -> Any:
        row = self.convert(row)
        obj = self.model.from_db(DEFAULT_DB_ALIAS, self.names, row[self.columns])
        for populator in self.related:
            populator.populate(row, obj)
        return obj


def _conversion(compiler: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """What fields such as JSON do with what the database gave."""
    converters = compiler.get_converters([column for column, _, _ in compiler.select])
    if not converters:
        return lambda row: row
    return lambda row: next(iter(compiler.apply_converters([list(row)], converters)))
