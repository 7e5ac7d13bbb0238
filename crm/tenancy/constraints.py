"""What a tenant table needs from the database, as `Meta.constraints`, so that makemigrations tracks it.

TenantModel adds them by itself. Order within a migration (SCALE_OUT.md rule 9): table, key, distribute, foreign keys,
policy, grants. The first two go to the head of the deferred statements; grants come from default privileges.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from crm.embedded.provision import APP, SEARCH


class SchemaConstraint(models.BaseConstraint):
    """A constraint that only the database judges. Equal when name and arguments are equal."""

    arguments: tuple[str, ...] = ()

    def __init__(self, *, name: str, **arguments: Any):
        super().__init__(name=name)
        for key in self.arguments:
            setattr(self, key, arguments[key])

    def _values(self) -> dict[str, Any]:
        return {key: getattr(self, key) for key in self.arguments}

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        return path, args, kwargs | self._values()

    def __eq__(self, other):
        if type(self) is not type(other):
            return NotImplemented
        return self.deconstruct() == other.deconstruct()

    def __hash__(self):
        return hash((type(self), self.name, *(repr(value) for value in self._values().values())))

    def __repr__(self):
        return f"<{type(self).__name__} {self.name}>"

    def constraint_sql(self, model, schema_editor):
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def validate(self, model, instance, exclude=None, using=None):
        """The database refuses what is wrong; there is nothing to ask beforehand."""


class SettledUnique(models.UniqueConstraint):
    """Kept by an operation, which makes room before it saves: a form has nothing to refuse."""

    def validate(self, model, instance, exclude=None, using=None):
        pass


class TenantPrimaryKey(SchemaConstraint):
    """PRIMARY KEY (tenant_id, id) in place of Django's (id), then the hook that distributes the table."""

    def constraint_sql(self, model, schema_editor):
        schema_editor.deferred_sql.insert(0, self.create_sql(model, schema_editor))

    def create_sql(self, model, schema_editor):
        key = schema_editor.quote_name(model._meta.pk.column)
        return _swap_primary_key(model, schema_editor, f"tenant_id, {key}") + (
            f"; SELECT crm_distribute({schema_editor.quote_value(model._meta.db_table)})"
        )

    def remove_sql(self, model, schema_editor):
        return _swap_primary_key(model, schema_editor, schema_editor.quote_name(model._meta.pk.column))


class TenantPolicy(SchemaConstraint):
    """Forced row-level security: rows of the transaction's tenant only, to read and to write."""

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; "
            f"CREATE POLICY tenant_isolation ON {table} "
            "USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant())"
        )

    def remove_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return (
            f"DROP POLICY tenant_isolation ON {table}; ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY; "
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
        )


class Unlogged(SchemaConstraint):
    """The table is not in the write-ahead log: after a crash, and on a server that has taken over, it is empty.

    For rows whose absence says just that (marketing/sending.py).
    """

    def create_sql(self, model, schema_editor):
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} SET UNLOGGED"

    def remove_sql(self, model, schema_editor):
        return f"ALTER TABLE {schema_editor.quote_name(model._meta.db_table)} SET LOGGED"


class AuditTrigger(SchemaConstraint):
    """Statement-level triggers that write what changed to the tenant's audit trail; see docs/audit.md.

    `skip` names columns whose changes are not worth a line: they are derived from others.
    """

    arguments = ("skip",)
    skip: tuple[str, ...]

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        # The model's name, not the table's: on a node of a cluster the table carries the number of its part.
        arguments = ", ".join(schema_editor.quote_value(value) for value in (model._meta.label_lower, *self.skip))
        return "; ".join(
            f"CREATE TRIGGER audit_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION audit_changes({arguments})"
            for event, rows in (
                ("INSERT", "NEW TABLE AS new_rows"),
                ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
                ("DELETE", "OLD TABLE AS old_rows"),
            )
        )

    def remove_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        return "; ".join(f"DROP TRIGGER audit_{event} ON {table}" for event in ("insert", "update", "delete"))


class PlatformAuditTrigger(SchemaConstraint):
    """The same for a table that is read before a tenant is known; it is written by operators from outside a tenant."""

    def create_sql(self, model, schema_editor):
        table = schema_editor.quote_name(model._meta.db_table)
        kind = schema_editor.quote_value(model._meta.label_lower)
        return (
            f"CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION audit_platform_changes({kind})"
        )

    def remove_sql(self, model, schema_editor):
        return f"DROP TRIGGER audit ON {schema_editor.quote_name(model._meta.db_table)}"


class TenantView(SchemaConstraint):
    """A view through which operators that are not leakproof use their index; see crm/tenancy/views.py.

    Its owner sees every row of the table; the view itself lets out those of the transaction's tenant only. It must
    stay without security_barrier and security_invoker, either of which keeps the index from being used.

    `columns` are "name type" for each column of the table; TenantModel fills them in. A view keeps its columns when the
    table gets another one, and forbids changes of those it has: a new list makes makemigrations drop and create it.
    """

    arguments = ("columns",)
    columns: tuple[str, ...]

    def __init__(self, *, name: str, columns: tuple[str, ...] = ()):
        super().__init__(name=name, columns=columns)

    def create_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        table, view = quote(model._meta.db_table), quote(self.name)
        names = ", ".join(quote(column.split(" ", 1)[0]) for column in self.columns)
        # The names are our models' own.
        return "; ".join(
            [
                f"GRANT SELECT ON {table} TO {SEARCH}",
                f"CREATE POLICY tenant_search ON {table} FOR SELECT TO {SEARCH} USING (true)",
                f"CREATE VIEW {view} AS SELECT {names} FROM {table} WHERE tenant_id = app_tenant()",  # noqa: S608
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


class TenantReference(SchemaConstraint):
    """FOREIGN KEY (tenant_id, field) → (tenant_id, target). Checked at commit, never SET NULL (rule 4)."""

    arguments: tuple[str, ...] = ("field", "target", "cascade")
    field: str
    target: str
    cascade: bool

    def create_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        field = model._meta.get_field(self.field)
        table = quote(model._meta.db_table)
        # NOT VALID first: the lock that checks a large table is then the weak one of VALIDATE.
        return (
            f"ALTER TABLE {table} ADD CONSTRAINT {quote(self.name)} FOREIGN KEY (tenant_id, {quote(field.column)}) "
            f"REFERENCES {quote(self._referenced_table(field))} (tenant_id, {quote(self.target)}) "
            f"ON DELETE {'CASCADE' if self.cascade else 'NO ACTION'} DEFERRABLE INITIALLY DEFERRED NOT VALID; "
            f"ALTER TABLE {table} VALIDATE CONSTRAINT {quote(self.name)}"
        )

    def _referenced_table(self, field) -> str:
        return field.remote_field.model._meta.db_table

    def remove_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        return f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT {quote(self.name)}"


class MemberReference(TenantReference):
    """FOREIGN KEY (tenant_id, field) → membership (tenant_id, user_id): the person belongs to the tenant."""

    def _referenced_table(self, field) -> str:
        return "tenancy_membership"


def _swap_primary_key(model, schema_editor: BaseDatabaseSchemaEditor, columns: str) -> str:
    table = model._meta.db_table
    quoted, key = schema_editor.quote_name(table), schema_editor.quote_name(f"{table}_pkey")
    return (
        f"ALTER TABLE {quoted} DROP CONSTRAINT {key}; ALTER TABLE {quoted} ADD CONSTRAINT {key} PRIMARY KEY ({columns})"
    )
