"""What a search table needs from PostgreSQL beside the usual of a tenant table, as `Meta.constraints`."""

from __future__ import annotations

from crm.embedded.provision import APP, SEARCH
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


class TenantView(SchemaConstraint):
    """A view through which operators that are not leakproof use their index. DATA_DESIGN.md section 4.

    Its owner sees every row of the table; the view itself lets out those of the transaction's tenant only. It must
    stay without security_barrier and security_invoker, either of which keeps the index from being used.
    """

    def create_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        table, view = quote(model._meta.db_table), quote(self.name)
        return "; ".join(
            [
                f"GRANT SELECT ON {table} TO {SEARCH}",
                f"CREATE POLICY tenant_search ON {table} FOR SELECT TO {SEARCH} USING (true)",
                f"CREATE VIEW {view} AS SELECT * FROM {table} WHERE tenant_id = app_tenant()",  # noqa: S608  # own names
                f"REVOKE ALL ON {view} FROM {APP}",
                f"GRANT SELECT ON {view} TO {APP}",
                f"ALTER VIEW {view} OWNER TO {SEARCH}",
            ]
        )

    def remove_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        table, view = quote(model._meta.db_table), quote(self.name)
        return "; ".join(
            [
                f"DROP VIEW {view}",
                f"DROP POLICY tenant_search ON {table}",
                f"REVOKE SELECT ON {table} FROM {SEARCH}",  # noqa: S608  # own names
            ]
        )


class EntryReference(TenantReference):
    """FOREIGN KEY (tenant_id, key of the entry) → the record it describes, and gone with it."""

    arguments = ("to",)
    to: str
    field = "id"
    target = "id"
    cascade = True

    def _referenced_table(self, field) -> str:
        return field.model._meta.apps.get_model(self.to)._meta.db_table
