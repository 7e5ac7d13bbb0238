"""The batch writer: how many rows get into tables quickly. The only place that asks which server it is on.

PostgreSQL refuses COPY into a table with row-level security, so rows are copied into a temporary table, which is
private to the session, and go on from there by INSERT … SELECT. On Citus that is refused under row-level security in
its turn: there the same SELECT is read and sent back as VALUES.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from django.db import connection, models

from crm.tenancy.base import TenantModel
from crm.tenancy.context import current_tenant_id
from crm.tenancy.fields import column_field

# Values for a statement, by place or by name.
Params: TypeAlias = Sequence[Any] | Mapping[str, Any]

VALUES_AT_ONCE = 1_000
CHANGED = "changed_rows"


def quote(name: str) -> str:
    return connection.ops.quote_name(name)


class BatchWriter:
    def __init__(self, *, distributed: bool | None = None) -> None:
        self.distributed = _is_citus() if distributed is None else distributed

    def execute(self, statement: str, params: Params = ()) -> int:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return max(cursor.rowcount, 0)

    def fetch(self, statement: str, params: Params = ()) -> list[tuple]:
        with connection.cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def stage(self, table: str, columns: Mapping[str, str], more: str = "") -> None:
        """Create a temporary table that ends with the transaction. `columns` is {name: type}; `more` follows them."""
        definitions = [f"{quote(name)} {sql_type}" for name, sql_type in columns.items()]
        body = ", ".join(filter(None, [*definitions, more]))
        self.execute(f"CREATE TEMPORARY TABLE {quote(table)} ({body}) ON COMMIT DROP")

    def copy(self, table: str, columns: Iterable[str], payload: bytes) -> None:
        """Fill a temporary table from COPY's text format, in which an empty value is NULL."""
        names = ", ".join(quote(name) for name in columns)
        with connection.cursor() as cursor, cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN (NULL '')") as copy:
            copy.write(payload)

    def copy_rows(self, table: str, columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(quote(name) for name in columns)
        with connection.cursor() as cursor, cursor.copy(f"COPY {quote(table)} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def insert(self, table: str, columns: Sequence[str], select: str, params: Params = (), tail: str = "") -> int:
        """INSERT the rows of a SELECT over temporary tables; returns how many. `tail`: ON CONFLICT."""
        names = ", ".join(quote(name) for name in columns)
        head = f"INSERT INTO {quote(table)} ({names}) "
        if not self.distributed:
            return self.execute(f"{head} {select} {tail}", params)
        count = 0
        row = f"({', '.join(['%s'] * len(columns))})"
        rows = self.fetch(select, params)
        for start in range(0, len(rows), VALUES_AT_ONCE):
            some = rows[start : start + VALUES_AT_ONCE]
            values = ", ".join([row] * len(some))
            count += self.execute(f"{head} VALUES {values} {tail}", [value for one in some for value in one])
        return count

    def upsert(
        self, model: type[TenantModel], columns: Sequence[str], select: str, params: Params = (), *, key: str
    ) -> int:
        """Insert the rows of a SELECT over temporary tables, or give the row with this `key` what differs in it.

        `columns` stand in the order of the SELECT. Rows that are equal already are not written.
        """
        table, kept = quote(model._meta.db_table), [quote(name) for name in columns if name != key]
        assigned = ", ".join(f"{name} = excluded.{name}" for name in kept)
        old, new = (", ".join(f"{source}.{name}" for name in kept) for source in (table, "excluded"))
        tail = f"ON CONFLICT (tenant_id, {quote(key)}) DO UPDATE SET {assigned} WHERE ({old}) IS DISTINCT FROM ({new})"
        given = f"SELECT {int(current_tenant_id())}, found.* FROM ({select}) AS found"  # noqa: S608  # the tenant's number
        return self.insert(model._meta.db_table, ["tenant_id", *columns], given, params, tail=tail)

    def update(self, model: type[TenantModel], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        """Give each record of the tenant its own values: a row is its id, then the values of these fields.

        One statement for all: what Django's bulk_update writes for some hundreds took forty times as long.
        """
        fields = [column_field(model, name) for name in ("id", *names)]
        columns = {str(one.column): _type_of(one) for one in fields}
        self.stage(CHANGED, columns)
        self.copy_rows(CHANGED, columns, rows)
        values = ", ".join(f"{quote(name)} = c.{quote(name)}" for name in list(columns)[1:])
        count = self.execute(
            f"UPDATE {quote(model._meta.db_table)} t SET {values} FROM {CHANGED} c "  # noqa: S608  # own names only
            f"WHERE t.tenant_id = {int(current_tenant_id())} AND t.id = c.id"
        )
        self.execute(f"DROP TABLE {CHANGED}")
        return count


def _type_of(field: models.Field) -> str:
    return "bigint" if isinstance(field, models.ForeignKey) else str(field.rel_db_type(connection) or "text")


def _is_citus() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'citus'")
        return cursor.fetchone() is not None
