"""Start, cancel and repeat jobs. A worker's side is in leases.py and runner.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import JobNotCancellable, JobNotRepeatable
from crm.tenancy.context import tenant_atomic, use_tenant
from crm.tenancy.models import Tenant

from . import outbox
from .choices import JobState
from .models import Job
from .registry import job_kind


def start_job(
    kind: str,
    *,
    tenant: Tenant,
    user: User | None = None,
    params: dict[str, Any] | None = None,
    title: str = "",
    wake: bool = True,
    at: datetime | None = None,
) -> Job:
    """Queue a job in the caller's transaction; a worker is woken when that commits, or (`at`) when its time comes.

    `wake=False` is for callers that run it in their own process right after (`run_job`).
    Raises KeyError for a kind that no app declares.
    """
    declared = job_kind(kind)
    with tenant_atomic(tenant):
        job = tenant.jobs.create(
            kind=kind,
            title=str(title)[:200],
            params=params or {},
            user=user,
            max_attempts=declared.max_attempts,
            next_attempt_at=at,
        )
        outbox.promise(job, wake=wake)
    return job


def cancel_job(*, job: Job) -> Job:
    """A waiting job ends at once; a running one is asked to, and ends at its next sign of progress."""
    with use_tenant(job.tenant_id), transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if job.is_finished:
            raise JobNotCancellable()
        if job.cancel_requested_at is None:
            job.cancel_requested_at = timezone.now()
        if job.state == JobState.QUEUED:
            job.state, job.finished_at = JobState.CANCELLED, timezone.now()
            outbox.forget(job)
        job.save(update_fields=["cancel_requested_at", "state", "finished_at"])
    return job


def retry_job(*, job: Job) -> Job:
    """Queue an ended job again. It goes on from its checkpoint and has all its attempts anew."""
    with use_tenant(job.tenant_id), transaction.atomic():
        job = Job.objects.select_for_update().get(pk=job.pk)
        if not job.can_retry:
            raise JobNotRepeatable()
        job.state = JobState.QUEUED
        job.max_attempts = job.attempts + job_kind(job.kind).max_attempts
        job.next_attempt_at = None
        job.error = job.error_detail = job.message = ""
        job.cancel_requested_at = job.finished_at = None
        job.save(
            update_fields=[
                "state",
                "max_attempts",
                "next_attempt_at",
                "error",
                "error_detail",
                "message",
                "cancel_requested_at",
                "finished_at",
            ]
        )
        outbox.promise(job)
    return job
