"""The promise that a job will be looked at again. Each function runs in the transaction that changes the job."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from . import broker
from .models import Job, JobWakeup
from .querysets import from_now


def promise(job: Job, *, wake: bool = True) -> None:
    """A new or revived job: wake a worker on commit, and again later should that get lost.

    Without `wake` the caller runs the job itself; a worker takes over when the caller's process dies.
    """
    wait = settings.JOB_SWEEP_SECONDS if wake else settings.JOB_LEASE_SECONDS
    JobWakeup.objects.update_or_create(
        tenant_id=job.tenant_id, job_id=job.pk, defaults={"kind": job.kind, "due_at": from_now(wait)}
    )
    if wake:
        tenant_id, job_id, kind = job.tenant_id, job.pk, job.kind
        transaction.on_commit(lambda: broker.wake(tenant_id, job_id, kind), robust=True)


def postpone(job: Job, seconds: float) -> None:
    JobWakeup.objects.of(job.tenant_id, job.pk).update(due_at=from_now(seconds))


def forget(job: Job) -> None:
    JobWakeup.objects.of(job.tenant_id, job.pk).delete()


def sweep(most: int = 500) -> int:
    """Wake workers for what is due: messages that got lost, attempts to repeat, leases that ran out. Returns how many.

    Any number of sweepers may run at once. While many messages wait in the broker nothing is added: what is due would
    only queue up behind them, and again with every sweep.
    """
    waiting = broker.waiting()
    if waiting is None:
        return 0
    with transaction.atomic():
        due = list(
            JobWakeup.objects.due()
            .select_for_update(skip_locked=True)
            .order_by("due_at")[: max(0, min(most, settings.JOB_MOST_WAITING - waiting))]
        )
        JobWakeup.objects.filter(pk__in=[one.pk for one in due]).update(due_at=from_now(2 * settings.JOB_SWEEP_SECONDS))
    for one in due:
        broker.wake(one.tenant_id, one.job_id, one.kind)
    return len(due)
