"""Nightly work on quotes, tenant by tenant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from crm.celery import TenantTask, app
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from ..operations.quotes import expire_quotes


@app.task(name="sales.expire_quotes")
def expire_quotes_everywhere() -> None:
    """Every hour: somewhere it is just past midnight."""
    now = timezone.now()
    for tenant_id, zone in Tenant.objects.values_list("pk", "time_zone"):
        if now.astimezone(ZoneInfo(zone)).hour == 0:
            expire_quotes_of_tenant.delay(tenant_id=tenant_id)


@app.task(name="sales.expire_quotes_of_tenant", base=TenantTask)
def expire_quotes_of_tenant() -> None:
    zone = Tenant.objects.values_list("time_zone", flat=True).get(pk=current_tenant_id())
    expire_quotes(today=datetime.now(ZoneInfo(zone)).date())
