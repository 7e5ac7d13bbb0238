"""The SQL that our migrations run, against SCALE_OUT.md rules 8 and 9.

Read as `sqlmigrate` would print it, so that what a constraint or a RunSQL writes is judged like the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from .exceptions import MIGRATIONS
from .kinds import tenant_models
from .report import Finding, Report

# What may follow ALTER TABLE <name>, one action at a time.
ALLOWED_ACTIONS = re.compile(
    r"""ADD\ COLUMN | DROP\ COLUMN | RENAME\ COLUMN
    | ALTER\ COLUMN\ "\w+"\ (?: (?:SET\ DATA\ )?TYPE | SET\ NOT\ NULL | DROP\ NOT\ NULL | SET\ DEFAULT | DROP\ DEFAULT
                              # DATA_DESIGN.md section 5 asks for it; it changes what the planner knows, not the table.
                              | SET\ STATISTICS )
    | ADD\ CONSTRAINT | DROP\ CONSTRAINT | VALIDATE\ CONSTRAINT | RENAME\ CONSTRAINT
    | (?:ENABLE|DISABLE|NO\ FORCE|FORCE)\ ROW\ LEVEL\ SECURITY""",
    re.VERBOSE | re.IGNORECASE,
)
LATE_NUMBER = re.compile(
    r"ADD COLUMN .*\b(?:GENERATED (?:BY DEFAULT|ALWAYS) AS IDENTITY|(?:big)?serial)\b", re.I | re.S
)
STATEMENT = re.compile(
    r'^\s*(?P<verb>CREATE TABLE|ALTER TABLE)\s+(?:IF (?:NOT )?EXISTS\s+)?(?:ONLY\s+)?"?(?P<table>\w+)"?', re.I
)
DISTRIBUTE = re.compile(r"crm_distribute\('(?P<table>\w+)'\)")
KEY = re.compile(r'ADD CONSTRAINT \S+ PRIMARY KEY \("?tenant_id"?, "?\w+"?\)', re.I)
REFERENCES = re.compile(r'FOREIGN KEY \((?P<columns>[^)]*)\)\s*REFERENCES "?(?P<target>\w+)"?', re.I)
TEXT = re.compile(r"'(?:[^']|'')*'")
COMMENT = re.compile(r"^\s*--.*$", re.M)
# The body of a function, or a text with semicolons, is one piece.
PIECES = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'|(;)", re.S)


@dataclass
class History:
    """What has happened to the tables so far, in the order of the migrations."""

    tenant_tables: frozenset[str]
    keyed: set[str] = field(default_factory=set)
    distributed: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)


def lint_migrations(
    scripts: Mapping[str, Iterable[str]] | None = None,
    tenant_tables: Iterable[str] | None = None,
    granted: Mapping[tuple[str, str], str] | None = None,
) -> Report:
    """Judge {migration: statements} in their order, or the migrations of the project's own apps."""
    if tenant_tables is None:
        tenant_tables = [model._meta.db_table for model in tenant_models()]
    own = scripts is None
    scripts = project_scripts() if scripts is None else scripts
    history = History(frozenset(tenant_tables))
    findings: list[Finding] = []
    seen = 0
    for name, script in scripts.items():
        history.created.clear()
        for statement in statements(script):
            seen += 1
            findings += [Finding(rule, name, what) for rule, what in _judge(statement, history)]
    granted = (MIGRATIONS if own else {}) if granted is None else granted
    return Report.of(findings, granted, figures={"migrations": len(scripts), "migration_statements": seen})


def project_scripts() -> dict[str, list[str]]:
    """Return {app.migration: SQL} for the apps of this repository, in the order in which they are run."""
    loader = MigrationLoader(connection, replace_migrations=False)
    ours = {config.label for config in apps.get_app_configs() if _is_ours(config.path)}
    plan = [loader.graph.forwards_plan(leaf) for leaf in sorted(loader.graph.leaf_nodes())]
    order = dict.fromkeys(node for nodes in plan for node in nodes if node[0] in ours)
    return {".".join(node): loader.collect_sql([(loader.graph.nodes[node], False)]) for node in order}


def _is_ours(path: str) -> bool:
    return Path(path).is_relative_to(settings.BASE_DIR) and "site-packages" not in path


def statements(script: Iterable[str]) -> Iterator[str]:
    """Split a script at the semicolons outside strings and bodies; comments left out."""
    text = COMMENT.sub("", "\n".join(str(line).rstrip().rstrip(";") + ";" for line in script if str(line).strip()))
    start = 0
    for piece in PIECES.finditer(text):
        if piece[2]:
            if statement := text[start : piece.start()].strip():
                yield statement
            start = piece.end()


def _judge(statement: str, history: History) -> Iterator[tuple[str, str]]:
    if match := DISTRIBUTE.search(statement):
        yield from _judge_distribution(match["table"], history)
    match = STATEMENT.match(statement)
    policy = re.match(r'\s*CREATE POLICY \w+ ON "?(\w+)"?', statement, re.I)
    if policy and policy[1] in history.tenant_tables:
        if policy[1] not in history.distributed:
            yield "order", f"{policy[1]}: the policy comes after the distribute hook"
        history.guarded.add(policy[1])
    if match is None or match["table"] not in history.tenant_tables:
        yield from _judge_reference(statement, match, history)
        return
    if match["verb"].upper() == "CREATE TABLE":
        history.created.add(match["table"])
        yield from _judge_reference(statement, match, history)
        return
    rest = statement[match.end() :]
    yield from _judge_alteration(match["table"], rest, history)
    yield from _judge_reference(statement, match, history)


def _judge_alteration(table: str, rest: str, history: History) -> Iterator[tuple[str, str]]:
    for action in _actions(rest):
        if not ALLOWED_ACTIONS.match(action):
            yield "alter-form", f"{table}: {action[:60]!r} is no form that a distributed table takes"
        if LATE_NUMBER.match(action):
            yield "late-number", f"{table}: a column numbered by the database cannot be added later"
        if KEY.match(action):
            history.keyed.add(table)


def _actions(rest: str) -> Iterator[str]:
    """The actions of one ALTER TABLE, split at the commas outside brackets and strings."""
    depth, start = 0, 0
    for position, char in enumerate(TEXT.sub(lambda text: "'" + "_" * (len(text[0]) - 2) + "'", rest)):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            yield rest[start:position].strip()
            start = position + 1
    yield rest[start:].strip()


def _judge_distribution(table: str, history: History) -> Iterator[tuple[str, str]]:
    if table not in history.keyed:
        yield "order", f"{table}: the key (tenant_id, id) comes before the distribute hook"
    history.distributed.add(table)


def _judge_reference(statement: str, match: re.Match[str] | None, history: History) -> Iterator[tuple[str, str]]:
    table = match["table"] if match else ""
    for reference in REFERENCES.finditer(statement):
        for end in {table, reference["target"]} & history.tenant_tables - history.distributed:
            yield "order", f"{end}: a foreign key comes after the distribute hook"
        composite = "tenant_id," in reference["columns"].replace('"', "").replace(" ", "")
        if composite and table in history.created & history.guarded:
            yield "policy-order", f"{table}: composite foreign keys come before the policy"
