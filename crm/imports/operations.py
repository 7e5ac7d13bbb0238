"""The steps of an import, from the uploaded file to the job that undoes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction

from crm.errors import ImportIsRunning, ImportNotAllowed, NothingToUndo, UnknownKind
from crm.files.operations import remove_file, store_file
from crm.jobs import start_job
from crm.jobs.models import Job
from crm.tenancy.models import Membership, Tenant

from . import mapping
from .models import Import
from .pipeline import path_of, plan_of
from .reader import DECIDE, ReadOptions, open_source
from .registry import ImportKind, OnMatch, import_kinds
from .sample import Sample


def find_kind(name: str, membership: Membership | None) -> ImportKind:
    """Raises UnknownKind, and ImportNotAllowed where the person has no right to it."""
    if name not in import_kinds:
        raise UnknownKind(name=name, kinds=", ".join(import_kinds))
    kind = import_kinds[name]
    if membership is not None and not kind.may_import(membership):
        raise ImportNotAllowed()
    return kind


@transaction.atomic
def begin_import(
    *,
    tenant: Tenant,
    membership: Membership | None,
    kind: str,
    source: IO[bytes] | Path,
    name: str,
    reading: ReadOptions = DECIDE,
) -> Import:
    """Keep the file and look at it: a draft with a first suggestion for the columns. Raises what the reader raises."""
    declared = find_kind(kind, membership)
    user = membership.user if membership else None
    file = store_file(tenant=tenant, source=source, name=name, user=user, limit=settings.IMPORT_MAX_BYTES)
    try:
        return _draft(tenant, membership, declared, file, reading)
    except BaseException:
        remove_file(file)
        raise


def _draft(tenant: Tenant, membership: Membership | None, kind: ImportKind, file, reading: ReadOptions) -> Import:
    looked = open_source(file.local_path, reading)
    fields = kind.fields_for(membership)
    return tenant.imports.create(
        kind=kind.kind,
        file=file,
        file_name=file.name,
        columns=looked.columns,
        reading=looked.options.as_json(),
        sample=Sample.of(looked).as_json(),
        mapping=mapping.suggest(fields, looked.columns),
        on_match=OnMatch.UPDATE if kind.may_update(membership) else OnMatch.SKIP,
        month_first=tenant.currency == "USD",
        user=membership.user if membership else None,
    )


@transaction.atomic
def read_again(*, run: Import, membership: Membership | None, reading: ReadOptions) -> Import:
    """Read the draft's file another way; columns of the same name keep what they are mapped to."""
    run = _locked_draft(run)
    looked = open_source(path_of(run), reading)
    kept = {
        name: looked.columns.index(run.columns[position])
        for name, position in run.mapping.items()
        if position < len(run.columns) and run.columns[position] in looked.columns
    }
    suggested = mapping.suggest(run.declaration.fields_for(membership), looked.columns)
    taken = set(kept.values())
    run.mapping = kept | {
        name: position for name, position in suggested.items() if name not in kept and position not in taken
    }
    run.columns, run.reading = looked.columns, looked.options.as_json()
    run.sample = Sample.of(looked).as_json()
    run.save(update_fields=["mapping", "columns", "reading", "sample"])
    return run


@transaction.atomic
def choose(
    *,
    run: Import,
    columns: Mapping[str, int],
    match_key: str,
    on_match: OnMatch,
    month_first: bool = False,
    own: bool = True,
) -> Import:
    """Keep what was chosen, complete or not: it is judged when the import starts."""
    run = _locked_draft(run)
    run.mapping, run.match_key, run.on_match = dict(columns), match_key, on_match
    run.month_first, run.own = month_first, own
    run.save(update_fields=["mapping", "match_key", "on_match", "month_first", "own"])
    return run


@transaction.atomic
def start_import(*, run: Import, membership: Membership | None, wake: bool = True) -> Job:
    """Queue the import. Raises what `plan_of` raises: everything that can be known before the rows are read."""
    run = _locked_draft(run)
    plan_of(run, run.columns, membership)
    path_of(run)
    run.job = start_job(
        "imports.run",
        tenant=run.tenant,
        user=membership.user if membership else None,
        params={"import_id": run.pk},
        title=run.file_name,
        wake=wake,
    )
    run.sample = {}
    run.save(update_fields=["job", "sample"])
    return run.job


@transaction.atomic
def start_undo(*, run: Import, membership: Membership | None, wake: bool = True) -> Job:
    run = Import.objects.select_for_update().get(pk=run.pk)
    if not run.can_undo:
        raise NothingToUndo()
    run.undo_job = start_job(
        "imports.undo",
        tenant=run.tenant,
        user=membership.user if membership else None,
        params={"import_id": run.pk},
        title=run.file_name,
        wake=wake,
    )
    run.save(update_fields=["undo_job"])
    return run.undo_job


@transaction.atomic
def discard(*, run: Import) -> None:
    """Throw a draft away with its file."""
    run = _locked_draft(run)
    file = run.file
    run.delete()
    if file is not None:
        remove_file(file)


def _locked_draft(run: Import) -> Import:
    # The lock comes first: the same wizard may be open in two tabs.
    run = Import.objects.select_for_update().get(pk=run.pk)
    if not run.is_draft:
        raise ImportIsRunning()
    return run
