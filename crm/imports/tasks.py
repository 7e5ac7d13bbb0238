from __future__ import annotations

import tempfile
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.celery import TenantTask, app
from crm.errors import ImportIsUndone
from crm.jobs import JobContext, job
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from .cleaning import clean_imports
from .error_files import write_errors
from .models import Import
from .pipeline import run_import, source_of
from .undo import undo_import


@job("imports.run", title=gettext_lazy("Import"), time_limit=4 * 3600, max_attempts=5)
def bring_in(ctx: JobContext, *, import_id: int) -> None:
    run = _find(import_id)
    membership = ctx.membership if ctx.job.user_id else None
    if run.undo_job_id is not None:
        raise ImportIsUndone()
    if run.finished_at is None:
        run_import(run, membership=membership, progress=ctx.progress, keep=ctx.save_checkpoint)
    _attach_errors(ctx, _find(import_id))


@job("imports.undo", title=gettext_lazy("Undo an import"), time_limit=4 * 3600, max_attempts=5)
def take_back(ctx: JobContext, *, import_id: int) -> None:
    def keep(after: int) -> None:
        ctx.checkpoint["after"] = after
        ctx.save_checkpoint()

    undo_import(_find(import_id), after=ctx.checkpoint.get("after", 0), progress=ctx.progress, keep=keep)


@app.task(name="imports.clean_up")
def clean_up() -> None:
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        clean_up_tenant.delay(tenant_id=tenant_id)


@app.task(name="imports.clean_up_tenant", base=TenantTask)
def clean_up_tenant() -> None:
    clean_imports(tenant=Tenant.objects.get(pk=current_tenant_id()))


def _find(import_id: int) -> Import:
    with transaction.atomic():
        return Import.objects.select_related("tenant", "file", "job").get(pk=import_id)


def _attach_errors(ctx: JobContext, run: Import) -> None:
    if not run.failed_count and not run.noted_count:
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "errors.csv"
        with transaction.atomic():
            write_errors(run, source_of(run), path)
        ctx.attach_result(path, _("Rows with errors of %(file)s") % {"file": Path(run.file_name).stem} + ".csv")
