# ruff: noqa: S608  # names in the statements come from models and declarations, never from a file
"""The staging table of one chunk, and the expressions over it that the other steps share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import models
from django.utils import timezone

from crm.access.policy import policy_for
from crm.tenancy.models import Membership

from .batch import BatchWriter, quote
from .chunks import Chunk
from .models import Import, RowError
from .plan import KEY, Plan, Reference
from .registry import OnMatch
from .unique import Unique, unique_rules

# STAGE: the rows, with the number that a new record gets. FAULTS: why rows are left out. NOTES: why only a cell is.
# KEYED: rows with a whole key, `turn` telling the first from those that repeat it. KNOWN: rows that fit records which
# are there already.
STAGE, FAULTS, NOTES = "import_stage", "import_fault", "import_note"
KEYED, KNOWN = "import_keyed", "import_known"


class Stage:
    """`membership` None stands for the operator, who may do everything and owns nothing."""

    def __init__(
        self, plan: Plan, run: Import, membership: Membership | None, writer: BatchWriter | None = None
    ) -> None:
        self.plan, self.run, self.membership = plan, run, membership
        self.writer = writer or BatchWriter()
        self.model = plan.kind.model
        self.table = quote(self.model._meta.db_table)
        self.tenant_id, self.run_id = int(plan.tenant_id), int(run.pk)
        self.matching = plan.key is not None and plan.on_match != OnMatch.CREATE
        self.updating = self.matching and plan.on_match == OnMatch.UPDATE
        self.now = timezone.now()

    def load(self, chunk: Chunk) -> None:
        columns = {staged.name: staged.sql_type for staged in self.plan.staged}
        # The number that a new record gets is taken here: INSERT … RETURNING could not tell which row it was for.
        sequence = self.writer.fetch("SELECT pg_get_serial_sequence(%s, 'id')", [self.model._meta.db_table])[0][0]
        self.writer.stage(
            STAGE, {"row_no": "integer", **columns}, more=f"new_id bigint NOT NULL DEFAULT nextval('{sequence}')"
        )
        self.writer.copy(STAGE, ["row_no", *columns], chunk.payload)
        for table, said in ((FAULTS, chunk.faults), (NOTES, chunk.notes)):
            self.writer.stage(table, {"row_no": "integer", "field": "text", "code": "text", "value": "text"})
            if said:
                self.writer.copy_rows(table, ["row_no", "field", "code", "value"], said)
        compared = ["row_no", *dict.fromkeys(name for name in self._compared() if name in columns)]
        # Only the columns that are joined: analysing the words would take longer than the joins.
        self.writer.execute(f"ANALYZE {STAGE} ({', '.join(quote(name) for name in compared)})")

    def _compared(self) -> list[str]:
        names = [f"{reference.field.fills}{KEY}" for reference in self.plan.references]
        if self.plan.key:
            names += [self.plan.column_of(name) for name in self.plan.key.fields]
        return names + [column for rule in self.unique() for column in rule.columns]

    def drop(self) -> None:
        """A dry run goes on in the same transaction, and its next chunk needs the names."""
        tables = [STAGE, FAULTS, NOTES, *(self.found_table(reference) for reference in self.plan.references)]
        if self.matching:
            tables += [KEYED, KNOWN]
        self.writer.execute(f"DROP TABLE {', '.join(quote(table) for table in tables)}")

    def count(self) -> int:
        return self.writer.fetch(f"SELECT count(*) FROM {STAGE}")[0][0]

    def new_ids(self) -> list[int]:
        rows = self.writer.fetch(f"SELECT new_id FROM {STAGE} s WHERE {self.is_new()} ORDER BY row_no")
        return [record for (record,) in rows]

    def fault(self, select: str, params: Sequence[Any]) -> None:
        """`select` gives row_no, field, code, value."""
        self.writer.execute(f"INSERT INTO {FAULTS} {select}", params)

    def note(self, select: str, params: Sequence[Any]) -> None:
        """As `fault`, for a cell that is left out of a row that comes in."""
        self.writer.execute(f"INSERT INTO {NOTES} {select}", params)

    def set_faults_aside(self) -> int:
        """Write the faults down and take their rows off the stage; returns how many rows have one."""
        faulty = self._rows_in(FAULTS)
        if faulty:
            self._write_down(FAULTS, row_came_in=False)
            self.writer.execute(f"DELETE FROM {STAGE} s USING {FAULTS} f WHERE f.row_no = s.row_no")
            self.writer.execute(f"DELETE FROM {NOTES} n USING {FAULTS} f WHERE f.row_no = n.row_no")
        return faulty

    def write_notes(self) -> int:
        """Write down what was left out of the rows that come in; returns how many rows lack something."""
        noted = self._rows_in(NOTES)
        if noted:
            self._write_down(NOTES, row_came_in=True)
        return noted

    def _rows_in(self, table: str) -> int:
        return self.writer.fetch(f"SELECT count(DISTINCT row_no) FROM {table}")[0][0]

    def _write_down(self, table: str, *, row_came_in: bool) -> None:
        self.writer.insert(
            RowError._meta.db_table,
            ["tenant_id", "of_import_id", "row_no", "field", "code", "value", "row_came_in"],
            f"SELECT {self.tenant_id}, {self.run_id}, row_no, field, code, coalesce(value, ''), {row_came_in} "
            f"FROM {table} GROUP BY row_no, field, code, value ORDER BY row_no, field",
        )

    # -- expressions

    def is_new(self) -> str:
        """Condition on a row `s` of the stage: it becomes a new record."""
        return f"NOT EXISTS (SELECT 1 FROM {KNOWN} m WHERE m.row_no = s.row_no)" if self.matching else "true"

    def found_table(self, reference: Reference) -> str:
        return f"import_found_{reference.field.fills}"

    def reference_joins(self) -> str:
        return " ".join(
            f"LEFT JOIN {quote(self.found_table(one))} r_{one.column} ON r_{one.column}.key = s.{quote(one.staged)}"
            for one in self.plan.references
        )

    def value_of(self, column: str) -> str:
        """Where a column of the record comes from, in a query over the stage and its references."""
        if any(one.column == column for one in self.plan.references):
            return f"r_{column}.id"
        return f"s.{quote(column)}"

    def unique(self) -> list[Unique]:
        """What must be unique and is filled by the file, unless matching by it sees to that."""
        key = {*self.plan.key.fields} if self.plan.key and self.matching else set()
        rules = [rule for rule in unique_rules(self.model) if {*rule.fields} <= self.plan.filled]
        # A new record is none of those that count only where another field says so: the file does not fill that one.
        return [rule for rule in rules if ({*rule.fields} != key if rule.among is None else self.updating)]

    def within_sight(self, model: type[models.Model], expression: str, action: str = "") -> tuple[str, Sequence[Any]]:
        """Condition that an id is one the person sees and, with `action`, may act on; "" where that is every id."""
        if self.membership is None:
            return "", ()
        policy = policy_for(model)
        rows = policy.visible(self.membership, model._default_manager.all()).order_by()
        if action and not policy.may(self.membership, action):
            rows = rows.none()
        try:
            query, params = rows.values("pk").query.sql_with_params()
        except EmptyResultSet:
            return "false", ()
        return f"{expression} IN ({query})", params
