"""The Python source against SCALE_OUT.md and DATA_DESIGN.md section 4: what no query of the tests may ever reach.

Tests and migrations are not product code and are left out; migration_lint judges what migrations run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.constants import LOOKUP_SEP

from .exceptions import SOURCE
from .kinds import tenant_models
from .model_lint import BANNED_LOOKUPS
from .query_lint import QueryLint
from .report import Finding, Report

ROOTS = ("crm", "customers", "sales", "service", "marketing", "analytics")
SKIPPED = {"migrations", "lints"}

SET_CONFIG = re.compile(r"\bset_config\s*\(", re.I)
SESSION_SET = re.compile(r"^\s*SET\s+(?!LOCAL\b)(?:SESSION\s+)?app\.", re.I)
COPY = re.compile(r"^\s*COPY\s+\S", re.I)
EXECUTING = {"execute", "executemany"}
RAW = {"raw", "extra", "RawSQL"}
# The tenant that a statement by hand asks for is the one entered, whatever its caller passes.
OTHER_TENANT = re.compile(r"\btenant_id\s*=\s*(?!%\(tenant\)s)(?:%|\d)")


@dataclass(frozen=True)
class Schema:
    """What the source is read against."""

    tables: re.Pattern[str]
    reverse_names: frozenset[str]
    classes: tuple[type[models.Model], ...]
    statements: QueryLint

    @classmethod
    def of(cls, tenant: Iterable[type[models.Model]]) -> Schema:
        tenant = tuple(tenant)
        tables = sorted(model._meta.db_table for model in tenant)
        names = "|".join(map(re.escape, tables))
        reverse = {
            relation.name
            for model in tenant
            for relation in model._meta.get_fields()
            if isinstance(relation, models.ForeignObjectRel) and relation.name
        }
        statements = QueryLint([name for table in tables for name in (table, f"{table}_v")], granted={})
        return cls(re.compile(rf"\b(?:{names})(?:_v)?\b"), frozenset(reverse), tenant, statements)


def lint_source(
    sources: Mapping[str, str] | None = None, granted: Mapping[tuple[str, str], str] | None = None
) -> Report:
    """Judge {path: text}, or the project's source."""
    granted = (SOURCE if sources is None else {}) if granted is None else granted
    sources = project_sources() if sources is None else sources
    schema = Schema.of(tenant_models())
    findings = [one for path, text in sources.items() for one in _judge(path, text, schema)]
    return Report.of(findings, granted, figures={"source_files": len(sources)})


def project_sources() -> dict[str, str]:
    base = Path(settings.BASE_DIR)
    paths = (path for root in ROOTS for path in sorted((base / root).rglob("*.py")))
    return {str(path.relative_to(base)): path.read_text() for path in paths if not SKIPPED & set(path.parts)}


def _judge(path: str, text: str, schema: Schema) -> Iterator[Finding]:
    tree = ast.parse(text, path)
    docstrings = _docstrings(tree)
    found: list[tuple[str, ast.AST, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            found += ((rule, node, what) for rule, what in _in_text(node.value))
        elif isinstance(node, ast.Call):
            found += ((rule, node, what) for rule, what in _in_call(node, schema))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
            found += ((rule, node, what) for rule, what in _excluded(node.operand, schema))
    if found_sql := _hand_written(tree, docstrings, schema):
        found.append(("raw-sql", *found_sql))
    for rule, node, what in found:
        yield Finding(rule, path, f"line {getattr(node, 'lineno', 0)}: {what}")


def _docstrings(tree: ast.Module) -> set[ast.AST]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    if SET_CONFIG.search(text) or SESSION_SET.search(text):
        yield "set-config", "the tenant is set by SET LOCAL in a statement of its own (crm.tenancy.engine)"
    if COPY.search(text):
        yield "copy", "COPY into a table with row-level security is refused; the import's writer alone copies"
    if text in BANNED_LOOKUPS:
        yield "lookup", f"{text!r} reads every row of the tenant; use prefix or the search"


def _in_call(call: ast.Call, schema: Schema) -> Iterator[tuple[str, str]]:
    name = _name(call.func)
    if name in RAW and (isinstance(call.func, ast.Attribute) or name == "RawSQL"):
        yield "raw-sql", f"{name}() is SQL that the tenant's manager does not see"
    if name == "TenantStatement":
        yield from _in_statement(call, schema)
    if name == "copy" and isinstance(call.func, ast.Attribute) and _name(call.func.value) in {"cursor", "connection"}:
        yield "copy", "COPY into a table with row-level security is refused; the import's writer alone copies"
    if name == "exclude":
        for keyword in call.keywords:
            yield from _reverse(keyword, schema)
        for argument in call.args:
            yield from _excluded(argument, schema)
    for keyword in call.keywords:
        path = (keyword.arg or "").split(LOOKUP_SEP)
        if len(path) > 1 and path[-1] in BANNED_LOOKUPS and _reaches_tenant_row(path[:-1], schema):
            yield "lookup", f"{keyword.arg!r} reads every row of the tenant; use prefix or the search"


def _in_statement(call: ast.Call, schema: Schema) -> Iterator[tuple[str, str]]:
    text = _literal(call)
    if text is None:
        yield "raw-sql", "TenantStatement is proven by reading it, so its text must be a literal"
        return
    for fault in schema.statements.judge(text):
        yield "raw-sql", fault
    if OTHER_TENANT.search(text):
        yield "raw-sql", "a tenant_id is compared with something other than %(tenant)s"


def _literal(call: ast.Call) -> str | None:
    """The text of a TenantStatement, where it stands in the source as a whole."""
    text = call.args[0] if len(call.args) == 1 and not call.keywords else None
    return text.value if isinstance(text, ast.Constant) and isinstance(text.value, str) else None


def _excluded(node: ast.AST, schema: Schema) -> Iterator[tuple[str, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _name(part.func) == "Q":
            for keyword in part.keywords:
                yield from _reverse(keyword, schema)


def _reverse(keyword: ast.keyword, schema: Schema) -> Iterator[tuple[str, str]]:
    head, *rest = (keyword.arg or "").split(LOOKUP_SEP)
    if rest and head in schema.reverse_names:
        yield "exclude-reverse", f"exclude({keyword.arg}=…) makes a sub-query without tenant; write ~Exists(…)"


def _reaches_tenant_row(path: list[str], schema: Schema) -> bool:
    """Whether some tenant model has this path, and it ends in a column of a tenant model."""
    return any(_ends_in_tenant_row(model, path, schema) for model in schema.classes)


def _ends_in_tenant_row(model: type[models.Model], path: list[str], schema: Schema) -> bool:
    for name in path[:-1]:
        try:
            related = model._meta.get_field(name).related_model
        except FieldDoesNotExist:
            return False
        if not isinstance(related, type):
            return False
        model = related
    try:
        field = model._meta.get_field(path[-1])
    except FieldDoesNotExist:
        return False
    return model in schema.classes and isinstance(field, models.CharField | models.TextField)


def _hand_written(tree: ast.Module, docstrings: set[ast.AST], schema: Schema) -> tuple[ast.AST, str] | None:
    """The first call that executes SQL, in a module whose texts name a tenant table or build a table's name.

    Texts of a TenantStatement do not count: those were read.
    """
    calls = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in EXECUTING
    )
    call = next(calls, None)
    if call is None:
        return None
    read = {
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _name(node.func) == "TenantStatement" and _literal(node) is not None
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "db_table":
            return call, "executes SQL on a table whose name is computed"
        text = node.value if isinstance(node, ast.Constant) and node not in docstrings | read else None
        if isinstance(text, str) and (named := schema.tables.search(text)):
            return call, f"executes SQL on {named[0]}"
    return None


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
