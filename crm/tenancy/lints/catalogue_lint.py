"""The migrated database against SCALE_OUT.md, read from PostgreSQL's catalogue.

Each rule is one query that lists what breaks it. Where DATA_DESIGN.md and SCALE_OUT.md differ (`id` is an identity
column), DATA_DESIGN.md has been followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm.embedded.provision import APP, SEARCH

from .exceptions import CATALOGUE
from .kinds import Scale, table_kinds
from .report import Finding, Report

# `relation`: tables with their kind; a partition takes its root's. A table that states nothing but has a tenant_id is
# judged as a tenant table. `tenant_no` is the number of the column tenant_id.
RELATIONS = """
WITH stated AS (SELECT * FROM unnest(%(tables)s::text[], %(kinds)s::text[]) AS s(name, kind)),
relation AS (
    SELECT c.oid, c.relname AS name, c.relispartition AS is_leaf, c.relowner, c.relrowsecurity, c.relforcerowsecurity,
           stated.kind AS stated, t.attnum AS tenant_no, t.attnotnull AS tenant_not_null, t.atttypid AS tenant_type,
           coalesce(stated.kind, CASE WHEN t.attnum IS NOT NULL THEN 'tenant' ELSE 'local' END) AS kind
    FROM pg_class c
    LEFT JOIN stated ON stated.name = (
        SELECT root.relname FROM pg_class root WHERE root.oid = coalesce(pg_partition_root(c.oid), c.oid))
    LEFT JOIN pg_attribute t ON t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
),
tenant AS (SELECT * FROM relation WHERE kind = 'tenant'),
reference AS (
    SELECT k.conname, k.conkey, k.confkey, k.confdeltype, k.confupdtype, a.name AS name, a.kind, a.tenant_no,
           b.name AS target, b.kind AS target_kind, b.tenant_no AS target_tenant_no,
           EXISTS (SELECT FROM generate_subscripts(k.conkey, 1) i
                   WHERE k.conkey[i] = a.tenant_no AND k.confkey[i] = b.tenant_no) AS carries_tenant
    FROM pg_constraint k JOIN relation a ON a.oid = k.conrelid JOIN relation b ON b.oid = k.confrelid
    WHERE k.contype = 'f' AND k.conparentid = 0
),
keyed AS (
    SELECT t.name, t.tenant_no, t.oid, x.relname AS index, i.*, x.relam,
           (i.indkey::int2[])[0:i.indnkeyatts - 1] AS key_columns
    FROM tenant t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class x ON x.oid = i.indexrelid
    WHERE NOT t.is_leaf
),
reader AS (
    SELECT DISTINCT v.oid, v.relname AS name, v.relkind, v.relowner, v.reloptions
    FROM pg_class v JOIN pg_rewrite r ON r.ev_class = v.oid
    JOIN pg_depend d ON d.objid = r.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN tenant t ON t.oid = d.refobjid
    WHERE v.relkind IN ('v', 'm') AND d.refclassid = 'pg_class'::regclass
),
app AS (SELECT oid, rolname FROM pg_roles WHERE rolname = %(app)s),
search AS (SELECT oid, rolname FROM pg_roles WHERE rolname = %(search)s)
"""

ISOLATION = "(tenant_id = app_tenant())"

RULES: dict[str, str] = {
    "kind-unstated": "SELECT name, 'no model states the kind of this table' FROM relation WHERE stated IS NULL",
    "tenant-id-missing": """
        SELECT name, 'tenant_id must be bigint NOT NULL' FROM tenant
        WHERE tenant_no IS NULL OR NOT tenant_not_null OR tenant_type <> 'bigint'::regtype""",
    "tenant-id-outside": """
        SELECT name, 'has a tenant_id, but is a ' || kind || ' table without row-level security' FROM relation
        WHERE kind <> 'tenant' AND tenant_no IS NOT NULL""",
    "primary-key": """
        SELECT name, 'the primary key must begin with tenant_id' FROM tenant t
        WHERE NOT is_leaf AND NOT EXISTS (
            SELECT FROM keyed k WHERE k.oid = t.oid AND k.indisprimary AND k.indkey[0] = t.tenant_no)""",
    "unique-without-tenant": """
        SELECT name || '.' || index, 'a unique or exclusion index must contain tenant_id' FROM keyed
        WHERE (indisunique OR indisexclusion) AND NOT tenant_no = ANY (key_columns)""",
    "index-without-tenant": """
        SELECT k.name || '.' || k.index, 'an index begins with tenant_id' FROM keyed k
        WHERE NOT (indisunique OR indisexclusion) AND indkey[0] <> tenant_no AND NOT EXISTS (
            -- Every word of a search table begins with the tenant's id (docs/search.md).
            SELECT FROM pg_attribute a
            WHERE a.attrelid = k.indrelid AND a.attnum = k.indkey[0] AND a.atttypid = 'tsvector'::regtype)""",
    "index-on-numeric": """
        SELECT k.name || '.' || k.index, 'numeric is no index condition under row-level security; store minor units'
        FROM keyed k JOIN pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = ANY (k.key_columns)
        WHERE a.atttypid = 'numeric'::regtype""",
    "reference-without-tenant": """
        SELECT name || '.' || conname, 'must equate tenant_id with that of ' || target FROM reference
        WHERE kind = 'tenant' AND target_tenant_no IS NOT NULL AND NOT carries_tenant""",
    "reference-sets-null": """
        SELECT name || '.' || conname, 'a key with tenant_id uses NO ACTION or CASCADE' FROM reference
        WHERE tenant_no = ANY (conkey) AND (confdeltype IN ('n', 'd') OR confupdtype IN ('n', 'd'))""",
    "reference-into-tenant": """
        SELECT name || '.' || conname, 'a ' || kind || ' table must not point to the tenant table ' || target
        FROM reference WHERE kind <> 'tenant' AND target_kind = 'tenant'""",
    "reference-to-local": """
        SELECT name || '.' || conname, 'a tenant table must not point to the local table ' || target
        FROM reference WHERE kind = 'tenant' AND target_kind = 'local'""",
    "row-security": """
        SELECT name, 'row-level security must be enabled and forced' FROM tenant
        WHERE NOT is_leaf AND NOT (relrowsecurity AND relforcerowsecurity)""",
    "policy-missing": """
        SELECT name, 'needs a policy for all commands with USING and WITH CHECK ' || %(isolation)s FROM tenant t
        WHERE NOT is_leaf AND NOT EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = t.oid AND p.polcmd = '*' AND p.polroles = '{0}'
              AND pg_get_expr(p.polqual, t.oid) = %(isolation)s AND pg_get_expr(p.polwithcheck, t.oid) = %(isolation)s)
        """,
    "policy-too-wide": """
        SELECT t.name || '.' || p.polname, 'lets rows through that ' || %(isolation)s || ' would hold back'
        FROM tenant t JOIN pg_policy p ON p.polrelid = t.oid
        WHERE p.polpermissive AND p.polroles <> ARRAY[(SELECT oid FROM search)]
          AND (coalesce(pg_get_expr(p.polqual, t.oid), %(isolation)s) <> %(isolation)s
               OR coalesce(pg_get_expr(p.polwithcheck, t.oid), %(isolation)s) <> %(isolation)s)""",
    "generated-number": """
        SELECT t.name || '.' || a.attname, 'only id may be an identity column, and no default may use a sequence'
        FROM tenant t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE (a.attidentity <> '' AND a.attname <> 'id') OR pg_get_expr(d.adbin, t.oid) LIKE '%%nextval%%'""",
    "leaf-granted": """
        SELECT t.name, 'nothing may be granted on a partition; it is read through its root' FROM tenant t, app
        WHERE t.is_leaf AND has_table_privilege(app.oid, t.oid, 'SELECT, INSERT, UPDATE, DELETE')""",
    "owned-by-application": """
        SELECT t.name, 'belongs to the application''s role, which could switch its row-level security off'
        FROM tenant t, app WHERE pg_has_role(app.oid, t.relowner, 'MEMBER')""",
    "application-too-strong": """
        SELECT r.rolname, 'the application''s role must not see through row-level security'
        FROM pg_roles r WHERE r.rolname IN (%(app)s) AND (r.rolsuper OR r.rolbypassrls OR r.rolcreaterole
              OR EXISTS (SELECT FROM search WHERE pg_has_role(r.oid, search.oid, 'MEMBER')))""",
    "view-open": """
        SELECT name, 'a view of tenant rows belongs to ' || %(search)s || ', is plain (no barrier, no invoker), has '
            || %(isolation)s || ' and is granted for SELECT only'
        FROM reader r
        WHERE r.relkind = 'm' OR r.reloptions IS NOT NULL OR r.relowner NOT IN (SELECT oid FROM search)
           OR strpos(pg_get_viewdef(r.oid), 'tenant_id = app_tenant()') = 0
           OR EXISTS (SELECT FROM app WHERE has_table_privilege(app.oid, r.oid, 'INSERT, UPDATE, DELETE'))""",
    "definer-function": """
        SELECT p.proname::text, 'runs with its owner''s rights (SECURITY DEFINER)' FROM pg_proc p
        WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
}

READ_THROUGH = "SELECT name FROM tenant UNION SELECT name FROM reader"

COUNTS = "SELECT kind, count(*) FROM relation WHERE NOT is_leaf GROUP BY kind"


def lint_catalogue(
    cursor: Any,
    kinds: Mapping[str, Scale] | None = None,
    granted: Mapping[tuple[str, str], str] | None = None,
) -> Report:
    """Judge the database that the DB-API cursor reads. `kinds` defaults to what the models state."""
    kinds = table_kinds() if kinds is None else kinds
    params = {
        "tables": list(kinds),
        "kinds": list(kinds.values()),
        "app": APP,
        "search": SEARCH,
        "isolation": ISOLATION,
    }
    findings = []
    for rule, query in RULES.items():
        cursor.execute(RELATIONS + query, params)
        findings += [Finding(rule, where, what) for where, what in cursor.fetchall()]
    cursor.execute(RELATIONS + COUNTS, params)
    counted = dict(cursor.fetchall())
    figures = {f"{kind}_tables": counted.get(kind, 0) for kind in ("tenant", "reference", "local")}
    return Report.of(findings, CATALOGUE if granted is None else granted, figures=figures)


def tenant_relations(cursor: Any) -> set[str]:
    """Names of the tables and views through which tenant rows are read."""
    kinds = table_kinds()
    params = {"tables": list(kinds), "kinds": list(kinds.values()), "app": APP, "search": SEARCH}
    cursor.execute(RELATIONS + READ_THROUGH, params)
    return {name for (name,) in cursor.fetchall()}
