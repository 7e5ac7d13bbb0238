"""Nightly: all registered roll-ups, tenant by tenant."""

from __future__ import annotations

from crm.celery import TenantTask, app
from crm.tenancy.models import Tenant

from .comparing import rollups, settle_differences


@app.task(name="rollups.check")
def check_rollups() -> None:
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        check_rollups_of_tenant.delay(tenant_id=tenant_id)


@app.task(name="rollups.check_tenant", base=TenantTask)
def check_rollups_of_tenant() -> None:
    for rollup in rollups().values():
        settle_differences(rollup)
