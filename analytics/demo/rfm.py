"""The analysis of the demo's customers: what its nights would have computed."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.db import transaction

from crm.demo.bulk import settle
from crm.demo.registry import DemoTenant, demo

from ..models import AnalyticsRun, CustomerRfm, RfmSummary
from ..operations.rfm import compute_rfm

# From so many on the planner has to be told of them.
MANY = 10_000


@demo
def fill_rfm(world: DemoTenant) -> None:
    today = world.now.astimezone(ZoneInfo(world.tenant.time_zone)).date()
    with transaction.atomic():
        run = compute_rfm(tenant=world.tenant, as_of=today)
    world.say(f"{world.tenant.slug}: analysis of {run.customer_count:,} customers who bought")
    if run.customer_count > MANY:
        settle(CustomerRfm, RfmSummary, AnalyticsRun)
