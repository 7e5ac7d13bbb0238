"""What runs outside a page: exports, imports, jobs and tasks, with another tenant's ids and words.

The kinds come from the registries.
"""

from __future__ import annotations

import csv
import inspect
import io
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from django.db import models, transaction

from crm.access.roles import Role
from crm.celery import TenantTask, app
from crm.exports.files import Format
from crm.exports.operations import export_to, listing_for
from crm.imports.models import Import
from crm.imports.operations import begin_import, start_import
from crm.imports.registry import FieldType, ImportField, ImportKind, OnMatch, import_kinds
from crm.jobs import run_job, start_job
from crm.jobs.models import Job
from crm.jobs.registry import job_kinds
from crm.pages.registry import list_pages
from crm.tenancy.context import use_tenant

from . import exempt
from .conftest import OUR_WORD, THEIR_WORD, World
from .watch import state

app.autodiscover_tasks(force=True)
TASKS = [task for name, task in sorted(app.tasks.items()) if not name.startswith("celery.")]
EXPORTED = [kind for kind, page in list_pages.items() if "export" in page().policy.grants]


@pytest.fixture
def ours(world: World) -> Iterator[World]:
    with use_tenant(world.ours.tenant, world.members[Role.ADMIN].user):
        yield world


@pytest.mark.parametrize("kind", EXPORTED)
def test_an_export_holds_our_rows_only(ours, kind, tmp_path: Path):
    path = tmp_path / "export.csv"

    export_to(path, listing_for(ours.members[Role.ADMIN].membership, kind), Format.CSV)

    text = path.read_text(encoding="utf-8-sig")
    assert OUR_WORD in text
    assert THEIR_WORD not in text


# -- jobs


# Jobs that tests declare are not the product's; some of them kill the process they run in.
KINDS = sorted(kind for kind, job in job_kinds().items() if not job.function.__module__.startswith("tests."))


def test_every_parameter_of_a_job_can_be_made_up(ours):
    for kind in KINDS:
        assert list(params_of(ours, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_does_nothing_with_another_tenants_ids(ours, kind):
    admin = ours.members[Role.ADMIN]
    before = state(ours.theirs)

    for params in params_of(ours, kind):
        job = start_job(kind, tenant=ours.ours.tenant, user=admin.user, params=params, title="swept", wake=False)
        ended = run_job(job)

        assert THEIR_WORD not in f"{ended.error} {ended.message} {result_of(ended)}", params
    assert state(ours.theirs) == before


def params_of(world: World, kind: str) -> Iterator[dict[str, Any]]:
    """Every combination of what each parameter may be: another tenant's id, or the words of the product."""
    signature = inspect.signature(job_kinds()[kind].function)
    names = [name for name in signature.parameters if name != "ctx"]
    for values in product(*(param_values(world, name) for name in names)):
        yield dict(zip(names, values, strict=True))


def param_values(world: World, name: str) -> list[Any]:
    if name in exempt.JOB_PARAMETERS:
        return exempt.JOB_PARAMETERS[name]
    if name in exempt.JOB_IDS:
        return [foreign_id(world, exempt.JOB_IDS[name])]
    if name == "kind":
        return [*list_pages]
    if name == "verb":
        return sorted({action.verb for page in list_pages.values() for action in page.bulk_actions})
    if name == "ids":
        return [sorted(row.pk for row in world.theirs.rows.values() if isinstance(row.pk, int))]
    if name.endswith("_id"):
        return [foreign_id(world, name.removesuffix("_id"))]
    if name.endswith("_ids"):
        return [[foreign_id(world, name.removesuffix("_ids"))]]
    raise LookupError(f"say in tests/sweep/exempt.py what the job parameter {name!r} may be")


def foreign_id(world: World, model_name: str) -> Any:
    return next(row.pk for model, row in world.theirs.rows.items() if model._meta.model_name == model_name)


def result_of(job: Job) -> str:
    return job.result.open().read().decode("utf-8", "replace") if job.result else ""


# -- tasks


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_a_task_does_nothing_with_another_tenants_ids(world, task):
    """A task without ids has nothing to be deceived by: it walks all tenants by itself."""
    names = [name for name in inspect.signature(task.run).parameters if name.endswith("_id") and name != "tenant_id"]
    arguments = {name: foreign_id(world, name.removesuffix("_id")) for name in names}
    takes_tenant = isinstance(task, TenantTask) or "tenant_id" in inspect.signature(task.run).parameters
    if not takes_tenant:
        assert names == [], "a task that takes ids takes the tenant's id too"
        return
    before = state(world.theirs)

    task(tenant_id=world.ours.tenant.pk, **arguments)

    assert state(world.theirs) == before


# -- imports


@pytest.mark.parametrize("kind", import_kinds.values(), ids=lambda kind: kind.kind)
@pytest.mark.parametrize("on_match", OnMatch)
def test_an_import_finds_none_of_another_tenants_rows(ours, kind, on_match):
    """Each row names what is theirs: by number, by name, by e-mail. Matched, it would be changed or pointed to."""
    admin = ours.members[Role.ADMIN].membership
    before = state(ours.theirs)

    for key, everything in product([one.name for one in kind.keys] or [""], (True, False)):
        with transaction.atomic():
            file = file_of(ours, kind, everything=everything)
            run = begin_import(
                tenant=ours.ours.tenant, membership=admin, kind=kind.kind, source=file, name="theirs.csv"
            )
            run.on_match, run.match_key = on_match, key if key_is_filled(run, kind, key) else ""
            run.save()
            ended = run_job(start_import(run=run, membership=admin, wake=False))
            run.refresh_from_db()

            assert ended.state == "succeeded", ended.error
            assert (run.row_count, run.updated_count, run.skipped_count) == (1, 0, 0)
            assert state(ours.theirs) == before
            transaction.set_rollback(True)


def key_is_filled(run: Import, kind: ImportKind, key: str) -> bool:
    return bool(key) and set(kind.key(key).fields) <= {kind.field(name).fills for name in run.mapping}


def file_of(world: World, kind: ImportKind, *, everything: bool) -> io.BytesIO:
    """One row: with everything that is theirs, or with what it must have, so that nothing else stops it."""
    fields = [one for one in kind.fields_for(world.members[Role.ADMIN].membership) if one.required or everything]
    text = io.StringIO()
    csv.writer(text).writerows([[one.name for one in fields], [_theirs(world, kind, one) for one in fields]])
    return io.BytesIO(text.getvalue().encode())


def _theirs(world: World, kind: ImportKind, one: ImportField) -> str:
    row = world.theirs.rows[kind.model]
    if one.type == FieldType.MEMBER:
        return world.stranger.user.email
    if one.type == FieldType.TAGS:
        return THEIR_WORD
    if one.type == FieldType.REFERENCE:
        other = import_kinds[one.to]
        return str(getattr(world.theirs.rows[other.model], other.key(one.by).fields[0]))
    related = getattr(getattr(kind.model, one.fills, None), "field", None)
    if isinstance(related, models.ForeignKey):
        # What it points to is theirs too, and nothing that we could load.
        return str(world.theirs.rows.get(related.related_model, ""))
    value = getattr(row, one.fills)
    return "" if value is None else str(value)
