"""The promise that a job will be looked at again. Each function runs in the transaction that changes the job."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection, transaction

from . import broker
from .models import Job, JobWakeup
from .querysets import from_now

# The tenant with the fewest jobs at work is next; of several, the one whose last turn is longest ago. So a tenant that
# starts a thousand jobs waits for itself: with one free worker it takes turns with the others, with more it leaves
# them theirs. One statement, so that workers that look at the same moment take different jobs.
_TAKE = """
    WITH busy AS (
        SELECT tenant_id, count(*) AS jobs FROM jobs_jobwakeup
        WHERE is_running AND ready_at > statement_timestamp() GROUP BY tenant_id
    ),
    chosen AS (
        SELECT waiting.id, waiting.tenant_id FROM jobs_jobwakeup AS waiting
        LEFT JOIN busy ON busy.tenant_id = waiting.tenant_id
        LEFT JOIN jobs_jobturn AS turn ON turn.tenant_id = waiting.tenant_id
        WHERE waiting.ready_at <= statement_timestamp()
        ORDER BY coalesce(busy.jobs, 0), turn.taken_at NULLS FIRST, waiting.ready_at, waiting.id
        LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED
    ),
    noted AS (
        INSERT INTO jobs_jobturn (tenant_id, taken_at) SELECT tenant_id, clock_timestamp() FROM chosen
        ON CONFLICT (tenant_id) DO UPDATE SET taken_at = excluded.taken_at
    )
    UPDATE jobs_jobwakeup AS wakeup
    SET is_running = true, ready_at = statement_timestamp() + %(lease)s * interval '1 second',
        due_at = statement_timestamp() + %(lease)s * interval '1 second'
    FROM chosen WHERE wakeup.id = chosen.id
    RETURNING wakeup.tenant_id, wakeup.job_id
"""


def promise(job: Job, *, wake: bool = True) -> None:
    """A new or revived job: wake a worker on commit, and again later should that get lost.

    Without `wake` the caller runs the job itself; a worker takes over when the caller's process dies. A job that has
    its time is woken by the sweeper.
    """
    if job.next_attempt_at is not None:
        wake, moments = False, {"ready_at": job.next_attempt_at, "due_at": job.next_attempt_at}
    elif wake:
        moments = {"ready_at": from_now(0), "due_at": from_now(settings.JOB_SWEEP_SECONDS)}
    else:
        moments = _both(settings.JOB_LEASE_SECONDS)
    JobWakeup.objects.update_or_create(
        tenant_id=job.tenant_id, job_id=job.pk, defaults={"kind": job.kind, "is_running": False, **moments}
    )
    if wake:
        transaction.on_commit(broker.wake, robust=True)


def take() -> tuple[int, int] | None:
    """(tenant id, job id) of the job whose turn it is, or None when none is ready. Whoever takes it claims it next.

    Should that not happen, it is ready again when a lease would have run out.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"lease": _lease()})
        return cursor.fetchone()


def hold(job: Job) -> None:
    """An attempt has the job for another lease."""
    JobWakeup.objects.of(job.tenant_id, job.pk).update(is_running=True, **_both(_lease()))


def postpone(job: Job, seconds: float) -> None:
    JobWakeup.objects.of(job.tenant_id, job.pk).update(is_running=False, **_both(seconds))


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
    for _one in due:
        broker.wake()
    return len(due)


def _both(seconds: float) -> dict[str, Any]:
    return {"ready_at": from_now(seconds), "due_at": from_now(seconds)}


def _lease() -> float:
    # A second later than the job's own: by then it may be claimed.
    return settings.JOB_LEASE_SECONDS + 1
