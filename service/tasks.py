"""The clock's tick, the closing of what was solved, and due times computed anew."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import DatabaseError, transaction
from django.utils.translation import gettext_lazy as _

from crm.celery import app
from crm.jobs import JobContext, job
from crm.pages.counts import exact_count
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from .inbound import work
from .operations.clock import mark_missed, settle_batch, tickets_of
from .operations.settings import SETTLE
from .operations.tickets import close_solved

# Named here, where jobs and tasks are looked for.
__all__ = ["close_what_was_solved", "settle_clocks", "tick", "work"]

logger = logging.getLogger(__name__)


@app.task(name="service.tick", time_limit=300)
def tick() -> None:
    """Mark what has been missed. One task for all tenants: a message to each, every minute, would cost more."""
    _in_each_tenant(mark_missed)


@app.task(name="service.close_solved", time_limit=3600)
def close_what_was_solved() -> None:
    _in_each_tenant(close_solved)


def _in_each_tenant(work: Callable[[], int]) -> None:
    for tenant_id in Tenant.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True):
        try:
            with use_tenant(tenant_id):
                work()
        except DatabaseError:
            # The next tick tries again; the other tenants' clocks go on.
            logger.exception("Tenant %s was passed over.", tenant_id)


@job(SETTLE, title=_("Compute due times anew"), time_limit=3600, max_attempts=5)
def settle_clocks(ctx: JobContext, *, queue_ids: list[int], whole: bool) -> None:
    done, last = ctx.checkpoint.get("done", 0), ctx.checkpoint.get("last", 0)
    with transaction.atomic():
        total = exact_count(tickets_of(queue_ids, whole=whole)).number
    while True:
        with transaction.atomic():
            seen, last = settle_batch(queue_ids=queue_ids, after=last, whole=whole)
            done += seen
            ctx.progress(done, max(total, done))
            ctx.checkpoint.update(done=done, last=last)
            ctx.save_checkpoint()
        if not seen:
            break
