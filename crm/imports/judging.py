# ruff: noqa: S608  # names in the statements come from models and declarations, never from a file
"""What only the database can tell about the rows of a chunk: references, matches, what is missing or taken."""

from __future__ import annotations

from crm.tenancy.fields import column_of

from .batch import quote
from .faults import Fault
from .models import ImportRow
from .plan import KEY, SORT, Reference
from .registry import FieldType, MatchKey
from .stage import KEYED, KNOWN, STAGE, Stage
from .unique import Unique


def judge(stage: Stage) -> None:
    """Find every fault of the staged rows, and for each row the record it fits. Faults are not written down yet."""
    for reference in stage.plan.references:
        _resolve(stage, reference)
    if stage.matching and stage.plan.key:
        _match(stage, stage.plan.key)
    _find_missing(stage)
    for rule in stage.unique():
        _find_taken(stage, rule)


def _resolve(stage: Stage, reference: Reference) -> None:
    """Find the records that the cells name, among those the person sees."""
    found, key, index = quote(stage.found_table(reference)), quote(reference.staged), reference.key.index
    model = reference.kind.model
    column = quote(column_of(model, reference.key.fields[0]))
    sort = f", {quote(reference.field.fills + SORT)} AS sort" if index else ""
    same_sort = f"AND t.{quote(index)} = s.sort" if index else ""
    seen, params = stage.within_sight(model, "t.id")
    stage.writer.execute(
        f"CREATE TEMPORARY TABLE {found} ON COMMIT DROP AS "
        # No id where several fit: which one is meant is not known.
        f"SELECT s.key, CASE WHEN count(*) = 1 THEN min(t.id) END AS id, count(*) AS n "
        f"FROM (SELECT DISTINCT {key} AS key{sort} FROM {STAGE} WHERE {key} IS NOT NULL) s "
        f"JOIN {quote(model._meta.db_table)} t ON t.tenant_id = {stage.tenant_id} AND t.{column} = s.key {same_sort} "
        f"{f'AND {seen}' if seen else ''} GROUP BY s.key",
        params,
    )
    say = stage.note if reference.field.forgiving else stage.fault
    say(
        f"SELECT s.row_no, %s, CASE WHEN f.n IS NULL THEN %s ELSE %s END, s.{key} "
        f"FROM {STAGE} s LEFT JOIN {found} f ON f.key = s.{key} "
        f"WHERE s.{key} IS NOT NULL AND f.n IS DISTINCT FROM 1",
        [reference.field.name, Fault.NOT_FOUND, Fault.AMBIGUOUS],
    )


def _match(stage: Stage, key: MatchKey) -> None:
    columns = [stage.plan.column_of(name) for name in key.fields]
    values = [stage.value_of(column) for column in columns]
    names = [f"k{number}" for number in range(len(columns))]
    sort = f", s.{quote(key.index)} AS sort" if key.index else ""
    stage.writer.execute(
        f"CREATE TEMPORARY TABLE {KEYED} ON COMMIT DROP AS SELECT s.row_no, "
        f"{', '.join(f'{value} AS {name}' for value, name in zip(values, names, strict=True))}{sort}, "
        f"row_number() OVER (PARTITION BY {', '.join(values)} ORDER BY s.row_no) AS turn "
        f"FROM {STAGE} s {stage.reference_joins()} WHERE {_given(values)}"
    )
    stage.writer.execute(f"ANALYZE {KEYED}")
    same = [f"t.{quote(column)} = k.{name}" for column, name in zip(columns, names, strict=True)]
    if key.index:
        same.append(f"t.{quote(key.index)} = k.sort")
    stage.writer.execute(
        f"CREATE TEMPORARY TABLE {KNOWN} ON COMMIT DROP AS "
        f"SELECT k.row_no, min(t.id) AS id, count(*) AS n FROM {KEYED} k "
        f"JOIN {stage.table} t ON t.tenant_id = {stage.tenant_id} AND {' AND '.join(same)} "
        f"WHERE k.turn = 1 GROUP BY k.row_no"
    )
    stage.writer.execute(f"ANALYZE {KNOWN}")
    if stage.updating:
        _judge_matches(stage, key, f"k.{names[-1]}::text")
    else:
        # To skip a row it does not matter which record it fits, or how many; repeated rows are skipped too.
        stage.writer.execute(f"INSERT INTO {KNOWN} SELECT row_no, 0, 1 FROM {KEYED} WHERE turn > 1")


def _judge_matches(stage: Stage, key: MatchKey, value: str) -> None:
    """A row may change one record, once in the whole file, and only a record that the person may change."""
    field = key.fields[-1]
    rows = f"SELECT k.row_no, %s, %s, {value} FROM {KEYED} k"
    stage.fault(f"{rows} WHERE k.turn > 1", [field, Fault.TWICE_IN_FILE])
    matched = f"{rows} JOIN {KNOWN} m ON m.row_no = k.row_no"
    stage.fault(f"{matched} WHERE m.n > 1", [field, Fault.AMBIGUOUS])
    # A record of an earlier chunk of this file: within one chunk the row would have counted as repeated.
    stage.fault(
        f"{matched} WHERE m.n = 1 AND EXISTS (SELECT 1 FROM {quote(ImportRow._meta.db_table)} i "
        f"WHERE i.tenant_id = {stage.tenant_id} AND i.of_import_id = {stage.run_id} AND i.record_id = m.id)",
        [field, Fault.TWICE_IN_FILE],
    )
    seen, params = stage.within_sight(stage.model, "m.id", action="edit")
    if seen:
        stage.fault(f"{matched} WHERE m.n = 1 AND NOT ({seen})", [field, Fault.NOT_YOURS, *params])


def _find_missing(stage: Stage) -> None:
    """A new record needs what is required; a known one keeps what it has."""
    for one in [*stage.plan.mapped, *stage.plan.computed_fields]:
        if one.required:
            is_reference = one.type == FieldType.REFERENCE
            column = f"{one.fills}{KEY}" if is_reference else stage.plan.column_of(one.fills)
            stage.fault(
                f"SELECT s.row_no, %s, %s, '' FROM {STAGE} s WHERE s.{quote(column)} IS NULL AND {stage.is_new()}",
                [one.name, Fault.REQUIRED],
            )


def _find_taken(stage: Stage, rule: Unique) -> None:
    """Values that must be unique beside the key: repeated in the file, or another record's."""
    columns = rule.columns
    values = [stage.value_of(column) for column in columns]
    value = f"{values[-1]}::text"
    same = " AND ".join(f"t.{quote(column)} = {one}" for column, one in zip(columns, values, strict=True))
    field = next(one.name for one in stage.plan.mapped if one.fills == rule.fields[-1])
    known = f"LEFT JOIN {KNOWN} m ON m.row_no = s.row_no" if stage.matching else ""
    mine, my_params = rule.counts("m.id")
    theirs, their_params = rule.counts("t.id")
    rows = f"FROM {STAGE} s {stage.reference_joins()} {known}"
    stage.fault(
        f"SELECT row_no, %s, %s, value FROM (SELECT s.row_no, {value} AS value, "
        f"row_number() OVER (PARTITION BY {', '.join(values)} ORDER BY s.row_no) AS turn "
        f"{rows} WHERE {_given(values)} AND {mine}) s WHERE turn > 1",
        [field, Fault.TWICE_IN_FILE, *my_params],
    )
    other = "AND t.id IS DISTINCT FROM m.id" if stage.matching else ""
    stage.fault(
        f"SELECT s.row_no, %s, %s, {value} {rows} "
        f"JOIN {stage.table} t ON t.tenant_id = {stage.tenant_id} AND {same} {other} "
        f"WHERE {_given(values)} AND {mine} AND {theirs}",
        [field, Fault.TAKEN, *my_params, *their_params],
    )


def _given(values: list[str]) -> str:
    return " AND ".join(f"{value} IS NOT NULL" for value in values)
