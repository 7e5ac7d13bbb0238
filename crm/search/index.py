"""The table that a kind of record is searched by: one row per record, read through its tenant view.

It is kept apart from the record, because an update of the record would rewrite the words as well: bulk updates
would cost three times as much (DATA_DESIGN.md section 5).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import connection, models
from django.db.models.lookups import BuiltinLookup

from crm.tenancy.base import TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.context import current_tenant_id

from .constraints import ColumnStatistics, EntryReference

if TYPE_CHECKING:
    from django.db.models.constraints import BaseConstraint

_ROWS_PER_STATEMENT = 1000


class SearchEntry(TenantModel):
    """The words of one record. `id` is the id of the record, `updated_at` its rank, newest first.

    The rank follows the record by a day at most: each touch of an entry rewrites its words in the index.
    """

    not_audited = "Follows from the record, whose changes are in the trail."

    updated_at = models.DateTimeField(editable=False)
    vec = SearchVectorField(editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self._meta.db_table} {self.pk}"


def entry_key(record: str) -> models.BigIntegerField:
    return models.BigIntegerField(primary_key=True, db_column=f"{record}_id", editable=False)


def entry_indexes(table: str) -> list[models.Index]:
    return [
        models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name=f"{table}_recent"),
        # Without the tenant: it is in the words. fastupdate keeps a single save from touching thirty pages.
        GinIndex(fields=["vec"], fastupdate=True, name=f"{table}_words"),
    ]


def entry_constraints(table: str, *, of: str) -> list[BaseConstraint]:
    return [
        EntryReference(name=f"{table}_record_fk", to=of),
        ColumnStatistics(name=f"{table}_statistics", field="vec", target=500),
        TenantView(name=f"{table}_v"),
    ]


@SearchVectorField.register_lookup
class Matches(BuiltinLookup):
    """`vec__matches="'7:张三' & '7:zhang':*"`: the text of a tsquery, as crm.search.tokens.parse_query makes it."""

    lookup_name = "matches"
    prepare_rhs = False

    def get_db_prep_lookup(self, value, connection):
        return "%s", [value]

    def as_sql(self, compiler, connection):
        lhs, lhs_params = self.process_lhs(compiler, connection)
        rhs, rhs_params = self.process_rhs(compiler, connection)
        return f"{lhs} @@ {rhs}::tsquery", (*lhs_params, *rhs_params)


def write_entries(entry: type[SearchEntry], rows: Iterable[tuple[int, datetime, str]]) -> list[int]:
    """Insert or refresh entries, given as (id of the record, its updated_at, document()); return the ids written.

    A row is left alone when its words are the same and its rank is less than a day behind.
    """
    pending = list(rows)
    written = []
    for start in range(0, len(pending), _ROWS_PER_STATEMENT):
        written += _write(entry, pending[start : start + _ROWS_PER_STATEMENT])
    return written


def _write(entry: type[SearchEntry], rows: Sequence[tuple[int, datetime, str]]) -> list[int]:
    tenant_id = current_tenant_id()
    quote = connection.ops.quote_name
    table, key = quote(entry._meta.db_table), quote(str(entry._meta.pk.column))
    values = ", ".join(["(%s, %s, %s, %s)"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (tenant_id, {key}, updated_at, vec) VALUES {values} "  # noqa: S608  # own names only
            f"ON CONFLICT (tenant_id, {key}) DO UPDATE SET updated_at = excluded.updated_at, vec = excluded.vec "
            f"WHERE {table}.vec IS DISTINCT FROM excluded.vec "
            f"OR {table}.updated_at < excluded.updated_at - interval '1 day' RETURNING {key}",
            [value for row in rows for value in (tenant_id, *row)],
        )
        return [pk for (pk,) in cursor.fetchall()]


def touch_entries(entry: type[SearchEntry], ids: Sequence[int], at: datetime) -> None:
    """Bring the rank of records up to `at`, where it is more than a day behind."""
    day_before = at - timedelta(days=1)
    entry._default_manager.filter(id__in=ids, updated_at__lt=day_before).update(updated_at=at)
