# ruff: noqa: S608  # names in the statements come from models and declarations, never from a file
"""Take an import back: new records go unless somebody works with them by now, changed ones get their former values
where nobody changed them since. Set-based, in chunks that may be interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from crm.tenancy.base import TenantForeignKey, TenantModel
from crm.tenancy.fields import column_of

from .batch import BatchWriter, quote
from .models import Import, ImportRow, Kept
from .pipeline import Progress, prepare_transaction
from .plan import Plan
from .signals import import_finished
from .unique import unique_rules
from .values import ValueContext

ROWS = "import_undo"


@dataclass(frozen=True)
class Undone:
    rows: int = 0
    removed: int = 0
    restored: int = 0
    kept: int = 0


def undo_import(
    run: Import,
    *,
    after: int = 0,
    progress: Progress = lambda done, total: None,
    keep: Callable[[int], None] = lambda after: None,
    chunk_rows: int = 0,
) -> Import:
    """Undo what is not undone yet; `after` is the number of the last record that was looked at. Called in the tenant.

    `keep` is called last in each chunk's transaction with the number to go on after.
    """
    total = run.created_count + run.updated_count
    done = 0
    progress(done, total)
    while True:
        with transaction.atomic():
            run = Import.objects.select_for_update().get(pk=run.pk)
            prepare_transaction(run)
            chunk = _UndoChunk(run, after, chunk_rows or settings.IMPORT_CHUNK_ROWS)
            undone = chunk.undo()
            if not undone.rows:
                break
            after, done = chunk.last_record, done + undone.rows
            run.removed_count += undone.removed
            run.restored_count += undone.restored
            run.kept_count += undone.kept
            run.save(update_fields=["removed_count", "restored_count", "kept_count"])
            keep(after)
        progress(min(done, total), total)
    with transaction.atomic():
        run.undone_at = timezone.now()
        run.save(update_fields=["undone_at"])
        import_finished.send(Import, run=run)
    return run


class _UndoChunk:
    def __init__(self, run: Import, after: int, size: int) -> None:
        self.run, self.after, self.size = run, after, size
        self.kind = run.declaration
        self.model = self.kind.model
        self.table = quote(self.model._meta.db_table)
        self.tenant_id = int(run.tenant_id)
        self.plan = Plan(self.kind, run.mapping, 0, ValueContext(), self.tenant_id)
        self.writer = BatchWriter()
        self.last_record = after

    def undo(self) -> Undone:
        rows = self._take()
        if not rows:
            return Undone()
        self.last_record = self.writer.fetch(f"SELECT max(record_id) FROM {ROWS}")[0][0]
        present = self._lock()
        settle = self.kind.undoing(present) if self.kind.undoing else None
        removed = self._remove()
        restored = self._restore()
        kept = self._note_kept()
        if settle:
            settle()
        self.writer.execute(f"DROP TABLE {ROWS}")
        return Undone(rows, removed, restored, kept)

    def _take(self) -> int:
        imported = quote(ImportRow._meta.db_table)
        self.writer.execute(
            f"CREATE TEMPORARY TABLE {ROWS} ON COMMIT DROP AS "
            f"SELECT i.id, i.record_id, i.action, i.changes, i.stamp, ''::text AS kept FROM {imported} i "
            f"WHERE i.tenant_id = {self.tenant_id} AND i.of_import_id = {int(self.run.pk)} AND i.record_id > %s "
            f"ORDER BY i.record_id LIMIT {int(self.size)}",
            [self.after],
        )
        self.writer.execute(f"ANALYZE {ROWS} (record_id)")
        return self.writer.fetch(f"SELECT count(*) FROM {ROWS}")[0][0]

    def _lock(self) -> list[int]:
        """Keep others from working with the records between the looking and the deleting; returns those still there."""
        rows = self.writer.fetch(
            f"SELECT t.id FROM {self.table} t JOIN {ROWS} u ON u.record_id = t.id "
            f"WHERE t.tenant_id = {self.tenant_id} ORDER BY t.id FOR UPDATE OF t"
        )
        return [record for (record,) in rows]

    # -- new records

    def _remove(self) -> int:
        if "updated_at" in self._columns():
            self._keep(Kept.CHANGED, "t.updated_at <> u.stamp")
        for in_use in self._uses():
            self._keep(Kept.IN_USE, in_use)
        # The database takes along what belongs to the record alone: its words and its tags.
        return self.writer.execute(
            f"DELETE FROM {self.table} t USING {ROWS} u "
            f"WHERE t.tenant_id = {self.tenant_id} AND t.id = u.record_id AND u.action = 'c' AND u.kept = ''"
        )

    def _keep(self, why: Kept, condition: str) -> None:
        self.writer.execute(
            f"UPDATE {ROWS} u SET kept = %s FROM {self.table} t WHERE t.tenant_id = {self.tenant_id} "
            f"AND t.id = u.record_id AND u.action = 'c' AND u.kept = '' AND {condition}",
            [why],
        )

    def _uses(self) -> Iterator[str]:
        """Conditions that a record of another table belongs to the record, other than the tags that came with it."""
        for relation in self.model._meta.related_objects:
            other = relation.related_model
            if not issubclass(other, TenantModel) or not isinstance(relation.field, TenantForeignKey):
                continue
            own = ""
            if self.kind.tags and other is self.kind.tags.model:
                tag = quote(column_of(other, self.kind.tags.tag))
                own = f"AND NOT coalesce(u.changes->'tags' @> to_jsonb(o.{tag}), false)"
            yield (
                f"EXISTS (SELECT 1 FROM {quote(other._meta.db_table)} o WHERE o.tenant_id = {self.tenant_id} "
                f"AND o.{quote(relation.field.column)} = t.id {own})"
            )

    # -- changed records

    def _restore(self) -> int:
        """Put back each field that still has the value the import gave it; note the others as kept."""
        columns = [*self.plan.plain, *self.plan.computed_columns, *(one.column for one in self.plan.references)]
        derived = {one.column: self.plan.column_of(one.source) for one in self.plan.derived}
        may = {column: self._may_restore(column) for column in columns}
        may |= {column: may[source] for column, source in derived.items()}
        for column in columns:
            self._note_unrestorable(column, may[column])
        values = {column: self._former(column) for column in may}
        assignments = [
            f"{quote(column)} = CASE WHEN {may[column]} THEN {value} ELSE t.{quote(column)} END"
            for column, value in values.items()
        ]
        params = []
        if "version" in self._columns():
            assignments.append("version = t.version + 1")
        if "updated_at" in self._columns():
            assignments.append("updated_at = %s")
            params.append(timezone.now())
        restored = self.writer.fetch(
            f"UPDATE {self.table} t SET {', '.join(assignments)} FROM {ROWS} u WHERE t.tenant_id = {self.tenant_id} "
            f"AND t.id = u.record_id AND u.action = 'u' AND ({' OR '.join(f'({one})' for one in may.values())}) "
            "RETURNING t.id",
            params,
        )
        ids = {record for (record,) in restored} | self._untag()
        self.writer.execute(
            f"UPDATE {ROWS} u SET kept = %s WHERE u.action = 'u' AND NOT EXISTS "
            f"(SELECT 1 FROM {self.table} t WHERE t.tenant_id = {self.tenant_id} AND t.id = u.record_id)",
            [Kept.GONE],
        )
        if ids and self.kind.search:
            self.kind.search.reindex(sorted(ids))
        return len(ids)

    def _changed(self, column: str) -> str:
        return f"jsonb_exists(u.changes, '{column}')"

    def _still_as_imported(self, column: str) -> str:
        return f"to_jsonb(t.{quote(column)}) IS NOT DISTINCT FROM nullif(u.changes->'{column}'->1, 'null'::jsonb)"

    def _former(self, column: str) -> str:
        return f"(u.changes->'{column}'->>0)::{self._type(column)}"

    def _may_restore(self, column: str) -> str:
        conditions = [self._changed(column), self._still_as_imported(column)]
        field = next(one for one in self.model._meta.concrete_fields if one.column == column)
        if isinstance(field, TenantForeignKey):
            target = quote(field.related_model._meta.db_table)
            conditions.append(
                f"(u.changes->'{column}'->>0 IS NULL OR EXISTS (SELECT 1 FROM {target} o "
                f"WHERE o.tenant_id = {self.tenant_id} AND o.id = {self._former(column)}))"
            )
        conditions.append(f"NOT {self._taken(column)}")
        return " AND ".join(conditions)

    def _note_unrestorable(self, column: str, may: str) -> None:
        why = f"CASE WHEN {self._taken(column)} THEN '{Kept.TAKEN}' ELSE '{Kept.CHANGED}' END"
        self.writer.execute(
            f"UPDATE {ROWS} u SET kept = {why} FROM {self.table} t "
            f"WHERE t.tenant_id = {self.tenant_id} AND t.id = u.record_id AND u.action = 'u' "
            f"AND {self._changed(column)} AND NOT ({may})"
        )

    def _taken(self, column: str) -> str:
        """Condition that putting the former value back would make something occur twice that must not."""
        found = []
        for rule in unique_rules(self.model):
            if column not in rule.columns:
                continue
            same = [
                f"o.{quote(one)} = {self._former(one) if one == column else f't.{quote(one)}'}" for one in rule.columns
            ]
            counting = [_composed(*rule.counts(one)).replace("%", "%%") for one in ("t.id", "o.id")]
            found.append(
                f"EXISTS (SELECT 1 FROM {self.table} o WHERE o.tenant_id = {self.tenant_id} AND o.id <> t.id "
                f"AND o.{quote(column)}::text <> '' AND {' AND '.join([*same, *counting])})"
            )
        return f"({' OR '.join(found)})" if found else "false"

    def _untag(self) -> set[int]:
        """Take the tags off again that the import put on known records."""
        link = self.kind.tags
        if link is None:
            return set()
        meta = link.model._meta
        record, tag = quote(column_of(link.model, link.record)), quote(column_of(link.model, link.tag))
        rows = self.writer.fetch(
            f"DELETE FROM {quote(meta.db_table)} l USING {ROWS} u WHERE l.tenant_id = {self.tenant_id} "
            f"AND l.{record} = u.record_id AND u.action = 'u' AND u.changes->'tags' @> to_jsonb(l.{tag}) "
            f"RETURNING l.{record}"
        )
        return {pk for (pk,) in rows}

    def _note_kept(self) -> int:
        imported = quote(ImportRow._meta.db_table)
        return self.writer.execute(
            f"UPDATE {imported} i SET kept = u.kept FROM {ROWS} u "
            f"WHERE i.tenant_id = {self.tenant_id} AND i.id = u.id AND u.kept <> ''"
        )

    def _columns(self) -> set[str]:
        return {str(one.column) for one in self.model._meta.concrete_fields}

    def _type(self, column: str) -> str:
        field = next(one for one in self.model._meta.concrete_fields if one.column == column)
        return "bigint" if isinstance(field, models.ForeignKey) else field.db_type(connection) or "text"


def _composed(statement: str, params: Sequence[Any]) -> str:
    text: str = connection.ops.compose_sql(statement, params)  # type: ignore[attr-defined]  # PostgreSQL's has it
    return text
