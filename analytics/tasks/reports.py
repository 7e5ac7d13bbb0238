from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from crm.celery import app
from crm.jobs import JobContext, job
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from ..operations.schedules import run_due
from ..reports.choices import ReportFormat
from ..reports.mailing import mail_report
from ..reports.registry import find_report
from ..reports.running import MAKE_REPORT, build_file, file_name

log = logging.getLogger(__name__)


@job(MAKE_REPORT, title=_("Report"), time_limit=1800, max_attempts=3)
def make_report(
    ctx: JobContext,
    *,
    report: str,
    parameters: dict[str, Any],
    format: str,
    language: str = "",
    schedule_id: int | None = None,
) -> None:
    """As the person who asked, or who gets it. Its mail goes with the step that says so, and therefore once."""
    if ctx.checkpoint.get("made"):
        return
    kind = ReportFormat(format)
    with translation.override(language or translation.get_language()), TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        document = build_file(find_report(report), ctx.membership, parameters, kind, path, say=ctx.progress)
        name = file_name(document, kind)
        with transaction.atomic():
            file = ctx.attach_result(path, name)
            if schedule_id is not None:
                mail_report(schedule_id, ctx.membership, document, file, ctx.job)
            ctx.checkpoint["made"] = True
            ctx.progress(1, 1, name)
            ctx.save_checkpoint()


@app.task(name="analytics.run_schedules", time_limit=300)
def run_schedules() -> None:
    """Every minute. One task for all tenants: a message to each would cost more than the looking."""
    for tenant in Tenant.objects.filter(is_active=True).order_by("pk"):
        try:
            with use_tenant(tenant):
                run_due(tenant=tenant)
        except DatabaseError:
            # The next minute tries again; the other tenants' reports go on.
            log.exception("The schedules of tenant %s were passed over.", tenant.pk)
