"""What is removed by itself, tenant by tenant, once a night."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from crm.files.operations import remove_expired, remove_file, remove_orphans, remove_strays
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

log = logging.getLogger(__name__)

# More would make one long transaction; the rest goes the next night.
MOST_AT_ONCE = 2000


def clean_tenant() -> None:
    """Remove expired files, jobs that ended long ago, files and bytes that no row names. Runs in the tenant."""
    tenant = Tenant.objects.get(pk=current_tenant_id())
    files = remove_expired(tenant=tenant, most=MOST_AT_ONCE)
    jobs = remove_old_jobs(tenant=tenant)
    orphans = remove_orphans(tenant=tenant, most=MOST_AT_ONCE)
    strays = remove_strays(tenant=tenant)
    if files or jobs or orphans or strays:
        words = "Removed %s expired files, %s old jobs, %s files of nothing, %s stray files"
        log.info(words, files, jobs, orphans, strays)


def remove_old_jobs(*, tenant: Tenant) -> int:
    """Remove jobs that ended more than JOB_KEEP_DAYS ago, with their results; returns how many."""
    before = timezone.now() - timedelta(days=settings.JOB_KEEP_DAYS)
    old = list(
        tenant.jobs.filter(finished_at__lt=before).select_related("result").order_by("finished_at")[:MOST_AT_ONCE]
    )
    for job in old:
        if job.result is not None:
            remove_file(job.result)
    tenant.jobs.filter(pk__in=[job.pk for job in old]).delete()
    return len(old)
