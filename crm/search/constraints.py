"""What a search table needs from PostgreSQL beside the usual of a tenant table, as `Meta.constraints`."""

from __future__ import annotations

from crm.tenancy.constraints import SchemaConstraint, TenantReference


class ColumnStatistics(SchemaConstraint):
    """How closely ANALYZE looks at a column. The planner needs it to tell a common word from a rare one."""

    arguments = ("field", "target")
    field: str
    target: int

    def constraint_sql(self, model, schema_editor):
        # Ahead of the hook that distributes the table: a distributed one takes no such ALTER (SCALE_OUT.md rule 8).
        schema_editor.deferred_sql.insert(0, self.create_sql(model, schema_editor))

    def create_sql(self, model, schema_editor):
        return self._set(model, schema_editor, str(int(self.target)))

    def remove_sql(self, model, schema_editor):
        return self._set(model, schema_editor, "DEFAULT")

    def _set(self, model, schema_editor, target: str) -> str:
        quote = schema_editor.quote_name
        column = quote(model._meta.get_field(self.field).column)
        return f"ALTER TABLE {quote(model._meta.db_table)} ALTER COLUMN {column} SET STATISTICS {target}"


class EntryReference(TenantReference):
    """FOREIGN KEY (tenant_id, key of the entry) → the record it describes, and gone with it."""

    arguments = ("to",)
    to: str
    field = "id"
    target = "id"
    cascade = True

    def _referenced_table(self, field) -> str:
        return field.model._meta.apps.get_model(self.to)._meta.db_table
