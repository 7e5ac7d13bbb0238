from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm.celery import TenantTask, app
from crm.jobs import JobContext, job
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from ..operations.rfm import RFM, begin_computing, compute_rfm, has_something_to_compute


@job(RFM, title=_("Analyse customers by their purchases"), time_limit=1800, max_attempts=5)
def run_rfm(ctx: JobContext, *, as_of: str = "") -> None:
    """One step. Begun again it computes again, which is right too. A customer who is deleted at the same moment makes
    it fail and be repeated."""
    with transaction.atomic():
        compute_rfm(tenant=ctx.tenant, as_of=date.fromisoformat(as_of) if as_of else None, say=ctx.progress)
        ctx.save_checkpoint()


@app.task(name="analytics.compute")
def compute() -> None:
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        compute_of_tenant.delay(tenant_id=tenant_id)


@app.task(name="analytics.compute_of_tenant", base=TenantTask)
def compute_of_tenant() -> None:
    if has_something_to_compute():
        begin_computing(tenant=Tenant.objects.get(pk=current_tenant_id()))
