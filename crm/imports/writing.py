# ruff: noqa: S608  # names in the statements come from models and declarations, never from a file
"""One chunk into the tables: a handful of set-based statements in the caller's transaction."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from typing import Any

from django.db import models
from django.utils import timezone

from crm.tenancy.models import Membership

from .batch import BatchWriter, quote
from .chunks import Chunk
from .judging import judge
from .models import Import, ImportRow
from .plan import WORDS, Plan
from .stage import KNOWN, STAGE, Stage
from .tagging import Tagging

IMPORTED_COLUMNS = ["tenant_id", "of_import_id", "row_no", "record_id", "action", "changes", "stamp", "kept"]


@dataclass(frozen=True)
class Counts:
    rows: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    failed: int = 0
    # Of the others: rows of which something was left out.
    noted: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


def write_chunk(
    plan: Plan, run: Import, membership: Membership | None, chunk: Chunk, writer: BatchWriter | None = None
) -> Counts:
    stage = Stage(plan, run, membership, writer)
    stage.load(chunk)
    judge(stage)
    failed = stage.set_faults_aside()
    noted = stage.write_notes()
    good = stage.count()
    tagging = Tagging(stage)
    tagging.prepare()
    created = _insert(stage, tagging)
    changed = _update(stage, tagging) if stage.updating else {}
    tagging.write()
    _follow_up(stage, changed)
    stage.drop()
    return Counts(chunk.rows, created, len(changed), good - created - len(changed), failed, noted)


# -- new records


def _insert(stage: Stage, tagging: Tagging) -> int:
    targets, values, params = ["id", "tenant_id"], ["s.new_id", str(stage.tenant_id)], []
    for column, value, default in _new_values(stage):
        targets.append(column)
        if value is None:
            values.append("%s")
            params.append(default)
        elif default is None:
            values.append(value)
        else:
            values.append(f"coalesce({value}, %s)")
            params.append(default)
    created = stage.writer.insert(
        stage.model._meta.db_table,
        targets,
        f"SELECT {', '.join(values)} FROM {STAGE} s {stage.reference_joins()} WHERE {stage.is_new()}",
        params,
    )
    if created:
        _insert_words(stage)
        stage.writer.insert(
            ImportRow._meta.db_table,
            IMPORTED_COLUMNS,
            f"SELECT {stage.tenant_id}, {stage.run_id}, s.row_no, s.new_id, 'c', {tagging.changes_of('s.new_id')}, "
            f"%s::timestamptz, '' FROM {STAGE} s WHERE {stage.is_new()}",
            [stage.now],
        )
    return created


def _new_values(stage: Stage) -> list[tuple[str, str | None, Any]]:
    """(column, expression over the stage or None, default or None) for every column of a new record."""
    kind = stage.plan.kind
    made = {one.column for one in stage.plan.derived} | set(stage.plan.computed_columns)
    found = []
    for one in stage.model._meta.concrete_fields:
        if one.generated or one.primary_key or one.column == "tenant_id":
            continue
        filled = one.name in stage.plan.filled or one.column in made
        if not filled and one.name not in kind.defaults and one.db_default is not models.NOT_PROVIDED:
            # The database gives each row a value of its own.
            continue
        default = _default_of(stage, one)
        if filled or default is not None:
            found.append((str(one.column), stage.value_of(str(one.column)) if filled else None, default))
    return found


def _default_of(stage: Stage, one: models.Field) -> Any:
    kind = stage.plan.kind
    if one.name == kind.author or (one.name == kind.owner and stage.run.own):
        return stage.membership.user_id if stage.membership else None
    if one.name in kind.defaults:
        default = kind.defaults[one.name]
        return default(stage.run.tenant) if callable(default) else default
    if one.default is timezone.now:
        return stage.now
    return one.get_default()


def _insert_words(stage: Stage) -> None:
    search = stage.plan.kind.search
    if not (search and search.entry and stage.plan.with_words):
        return
    entry = search.entry._meta
    stage.writer.insert(
        entry.db_table,
        ["tenant_id", str(entry.pk.column), "updated_at", "vec"],
        f"SELECT {stage.tenant_id}, s.new_id, %s::timestamptz, coalesce(s.{WORDS}, ''::tsvector) "
        f"FROM {STAGE} s WHERE {stage.is_new()}",
        [stage.now],
    )


# -- records that are there already


Changes = dict[int, dict[str, list[Any]]]


def _update(stage: Stage, tagging: Tagging) -> Changes:
    """Change the records that rows fit, where they differ; returns {id: {column: [before, after]}}.

    Blanks change nothing.
    """
    plan = stage.plan
    columns = [
        *plan.plain,
        *plan.computed_columns,
        *(one.column for one in plan.derived),
        *(one.column for one in plan.references),
    ]
    new = {column: f"coalesce({stage.value_of(column)}, t.{quote(column)})" for column in columns}
    before_after = ", ".join(f"('{c}', to_jsonb(old.{quote(c)}), to_jsonb(new.{quote(c)}))" for c in new)
    assignments = [f"{quote(column)} = {value}" for column, value in new.items()]
    fields = {one.name for one in stage.model._meta.concrete_fields}
    params: list[Any] = []
    if "version" in fields:
        assignments.append("version = t.version + 1")
    if "updated_at" in fields:
        assignments.append("updated_at = %s")
        params.append(stage.now)
    differs = f"({', '.join(f't.{quote(c)}' for c in new)}) IS DISTINCT FROM ({', '.join(new.values())})"
    rows = stage.writer.fetch(
        f"WITH changed AS (UPDATE {stage.table} t SET {', '.join(assignments)} "
        f"FROM {STAGE} s {stage.reference_joins()} JOIN {KNOWN} m ON m.row_no = s.row_no "
        f"WHERE t.tenant_id = {stage.tenant_id} AND t.id = m.id AND ({differs} OR {tagging.changes('m.id')}) "
        f"RETURNING s.row_no, t.id, (SELECT jsonb_object_agg(c, jsonb_build_array(b, a)) "
        f"FROM (VALUES {before_after}) AS v(c, b, a) WHERE b IS DISTINCT FROM a) AS changes) "
        f"INSERT INTO {quote(ImportRow._meta.db_table)} ({', '.join(IMPORTED_COLUMNS)}) "
        f"SELECT {stage.tenant_id}, {stage.run_id}, row_no, id, 'u', "
        f"coalesce(changes, '{{}}'::jsonb) || coalesce({tagging.changes_of('id')}, '{{}}'::jsonb), %s::timestamptz, '' "
        "FROM changed RETURNING record_id, changes",
        [*params, stage.now],
    )
    return {record: json.loads(changes) for record, changes in rows}


# -- what follows from the rows


def _follow_up(stage: Stage, changed: Changes) -> None:
    kind, search = stage.plan.kind, stage.plan.kind.search
    if search:
        searched = {stage.plan.column_of(name) for name in search.fields}
        ids = [record for record, columns in changed.items() if not searched or columns.keys() & searched]
        if not stage.plan.with_words:
            ids = stage.new_ids() + ids
        if ids:
            search.reindex(ids)
    if kind.changed and changed:
        kind.changed(changed)
    if kind.written:
        ids = stage.new_ids() + list(changed)
        if ids:
            kind.written(ids)
