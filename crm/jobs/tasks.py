"""What workers are asked to do. Losing any of these messages loses nothing: see docs/jobs.md."""

from __future__ import annotations

import logging

from django.db import InterfaceError, OperationalError

from crm.celery import TenantTask, app
from crm.tenancy.models import Tenant

from . import cleaning, health, outbox
from .runner import work_on_next

log = logging.getLogger(__name__)


@app.task(name="jobs.run")
def run() -> None:
    """A message names no job: whose turn it is shows when a worker is free (outbox.py)."""
    try:
        work_on_next()
    except (OperationalError, InterfaceError) as error:
        log.warning("Jobs wait for the sweeper, the database cannot be reached: %s", type(error).__name__)


@app.task(name="jobs.sweep")
def sweep() -> None:
    try:
        outbox.sweep()
    except (OperationalError, InterfaceError) as error:
        log.warning("Nothing was swept, the database cannot be reached: %s", type(error).__name__)
    else:
        health.note_sweep()


@app.task(name="jobs.clean_up")
def clean_up() -> None:
    for tenant_id in Tenant.objects.values_list("pk", flat=True):
        clean_tenant.delay(tenant_id=tenant_id)


@app.task(name="jobs.clean_tenant", base=TenantTask)
def clean_tenant() -> None:
    cleaning.clean_tenant()
