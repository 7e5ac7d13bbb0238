"""From an Import row to records: read, convert, write chunk by chunk, each its own transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from crm.errors import ImportFileGone, ImportNotAllowed, KeyNotMapped, UpdateNotAllowed
from crm.pages.formats import minor_digits
from crm.tenancy.models import Membership, Tenant

from . import mapping
from .chunks import Chunk, chunks, read_ahead
from .models import Import
from .plan import Plan
from .reader import ReadOptions, Source, open_source
from .registry import OnMatch
from .signals import import_finished
from .values import ValueContext, fold
from .writing import Counts, write_chunk

# (rows done, rows in the file); between two chunks, outside any transaction.
Progress = Callable[[int, int], None]


_COUNTED = ("row_count", "created_count", "updated_count", "skipped_count", "failed_count", "noted_count")


class Overtaken(RuntimeError):
    """Another process has gone on with this import meanwhile."""


def source_of(run: Import, path: Path | None = None) -> Source:
    """Raises ImportFileGone, and what the reader raises."""
    return open_source(path or path_of(run), ReadOptions.from_json(run.reading))


def path_of(run: Import) -> Path:
    """Raises ImportFileGone."""
    if run.file is None or not run.file.local_path.exists():
        raise ImportFileGone()
    return run.file.local_path


def plan_of(run: Import, columns: Sequence[str], membership: Membership | None) -> Plan:
    """Check what was chosen against the file's columns and the person's rights.

    Raises what is named in crm.imports.mapping, KeyNotMapped, ImportNotAllowed and UpdateNotAllowed.
    """
    kind = run.declaration
    if membership is not None and not kind.may_import(membership):
        raise ImportNotAllowed()
    mapping.check(kind, kind.fields_for(membership), run.mapping, columns)
    plan = Plan(
        kind=kind,
        mapping=run.mapping,
        width=len(columns),
        context=value_context(run.tenant, month_first=run.month_first),
        tenant_id=run.tenant_id,
        match_key=run.match_key,
        on_match=OnMatch(run.on_match),
    )
    if plan.key and not set(plan.key.fields) <= plan.filled:
        raise KeyNotMapped(name=plan.key.label)
    if plan.key and plan.on_match == OnMatch.UPDATE and not kind.may_update(membership):
        raise UpdateNotAllowed()
    return plan


def preview_plan(run: Import) -> Plan:
    """What is known of a draft, whether it could start or not: enough to look at single rows."""
    context = value_context(run.tenant, month_first=run.month_first)
    return Plan(run.declaration, run.mapping, len(run.columns), context, run.tenant_id)


def value_context(tenant: Tenant, *, month_first: bool = False) -> ValueContext:
    return ValueContext(
        time_zone=ZoneInfo(tenant.time_zone),
        month_first=month_first,
        minor_digits=minor_digits(tenant.currency),
        members=_members(tenant),
    )


def _members(tenant: Tenant) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    people = Membership.objects.active().filter(tenant=tenant).values_list("user_id", "user__email", "user__name")
    for user_id, email, name in people:
        found[fold(email)] = user_id
        if name:
            folded = fold(name)
            found[folded] = None if found.get(folded, user_id) != user_id else user_id
    return found


def run_import(
    run: Import,
    *,
    membership: Membership | None,
    progress: Progress = lambda done, total: None,
    keep: Callable[[], None] = lambda: None,
    path: Path | None = None,
    chunk_rows: int = 0,
) -> Counts:
    """Bring in what is not in yet; returns the counts of the whole import. Called in the tenant.

    `keep` is called last in each chunk's transaction. Nothing is written before the whole file was read through once:
    a quotation mark that is never closed near the end would otherwise leave half a file behind.
    """
    source = source_of(run, path)
    plan = plan_of(run, source.columns, membership)
    with transaction.atomic():
        # The thread that reads the file asks the database nothing.
        plan.prepare()
    if run.total_count is None:
        run.total_count = source.count_rows()
        with transaction.atomic():
            run.save(update_fields=["total_count"])
    progress(run.row_count, run.total_count)
    produced = chunks(source, plan, after_row=run.last_row, size=chunk_rows or settings.IMPORT_CHUNK_ROWS)
    with ExitStack() as stack:
        for chunk in stack.enter_context(read_ahead(produced)):
            with transaction.atomic():
                run = _write(run, plan, chunk, membership)
                keep()
            progress(run.row_count, run.total_count or run.row_count)
    with transaction.atomic():
        run.finished_at = timezone.now()
        run.save(update_fields=["finished_at"])
        import_finished.send(Import, run=run)
    return counts_of(run)


def counts_of(run: Import) -> Counts:
    return Counts(
        run.row_count, run.created_count, run.updated_count, run.skipped_count, run.failed_count, run.noted_count
    )


def _write(run: Import, plan: Plan, chunk: Chunk, membership: Membership | None) -> Import:
    """One chunk. The import's row is locked and says what is done already, so no row can come in twice."""
    run = Import.objects.select_for_update().get(pk=run.pk)
    if run.last_row >= chunk.first_row:
        raise Overtaken(f"Import {run.pk} stands at line {run.last_row}.")
    prepare_transaction(run)
    counts = write_chunk(plan, run, membership, chunk)
    run.last_row = chunk.last_row
    run.row_count += counts.rows
    run.created_count += counts.created
    run.updated_count += counts.updated
    run.skipped_count += counts.skipped
    run.failed_count += counts.failed
    run.noted_count += counts.noted
    run.save(update_fields=["last_row", *_COUNTED])
    return run


def prepare_transaction(run: Import) -> None:
    """One import of a kind at a time: two would not see each other's new records and create them twice.

    `app.import_id` tells the audit trigger to write one row for the batch: `import_row` keeps the detail. Sorting and
    hashing a chunk, and emptying the pending list of the search index in one go, take more than the default memory.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.import_id = '{int(run.pk)}'")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"import {run.kind}", run.tenant_id])
