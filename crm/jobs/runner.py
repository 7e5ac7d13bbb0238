"""One attempt at a job, from claim to ending."""

from __future__ import annotations

import logging
import random
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import Error, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone, translation
from django.utils.translation import gettext

from crm.accounts.models import User
from crm.errors import CrmError, JobCancelled, JobDrained, JobLeaseLost, JobOutOfTime, JobPutOff
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from . import outbox
from .choices import JobState
from .context import JobContext
from .faults import where_it_failed
from .leases import Heartbeat, claim, write_held
from .limits import time_limit
from .models import Job
from .querysets import from_now
from .registry import job_kind

log = logging.getLogger(__name__)

LONGEST_BACKOFF_SECONDS = 3600


@dataclass(frozen=True)
class Ending:
    """How an attempt ended. `again_in` seconds: the job waits for another attempt instead of ending."""

    state: JobState
    again_in: float | None = None
    values: dict[str, Any] = field(default_factory=dict)


def run_job(job: Job) -> Job:
    """Make one attempt in this process, whatever the broker does; returns the job as it is then.

    For commands (`start_job(…, wake=False)` first) and tests. A job that somebody else is working on is left to them.
    """
    work_on(job.tenant_id, job.pk, early=True)
    with use_tenant(job.tenant_id), transaction.atomic():
        return Job.objects.select_related("result").get(pk=job.pk)


def work_on_next() -> bool:
    """Make one attempt at the job whose turn it is, within its time limit. False when none is ready."""
    while (next_one := outbox.take()) is not None:
        if work_on(*next_one, limited=True):
            return True
        # It was cancelled or given up, or somebody decides about it at this moment.
    return False


def work_on(tenant_id: int, job_id: int, *, early: bool = False, limited: bool = False) -> bool:
    """Claim the job and make one attempt. False when there was nothing to do: it is done, taken, or not due yet."""
    with use_tenant(tenant_id):
        job = claim(job_id, early=early)
        if job is None:
            return False
        tenant = Tenant.objects.get(pk=tenant_id)
        user = User.objects.get(pk=job.user_id) if job.user_id is not None else None
        with use_tenant(tenant, user), _in_language_and_zone_of(user, tenant):
            _attempt(job, tenant, limited=limited)
    return True


@contextmanager
def _in_language_and_zone_of(user: User | None, tenant: Tenant):
    zone = (user and user.time_zone) or tenant.time_zone
    with translation.override(user.language if user else tenant.language), timezone.override(zone):
        yield


def _attempt(job: Job, tenant: Tenant, *, limited: bool) -> None:
    # Inside a caller's transaction nobody else can see the job, and another connection could not renew its lease.
    heartbeat = None if connection.in_atomic_block else Heartbeat(job)
    ctx = JobContext(job, tenant, heartbeat)
    try:
        with heartbeat or nullcontext():
            ending = _run(ctx, limited=limited)
    except BaseException:
        # Ctrl-C on a command, or a worker that is told to exit now.
        _settle(ctx, _handed_on())
        raise
    if ending is not None:
        _settle(ctx, ending)


def _run(ctx: JobContext, *, limited: bool) -> Ending | None:
    """Call the job's function. None when the job belongs to another attempt by now."""
    try:
        kind = job_kind(ctx.job.kind)
        with time_limit(kind.time_limit if limited else None):
            kind.function(ctx, **ctx.params)
    except JobLeaseLost:
        log.warning("Job %s, attempt %s, lost its lease and has stopped", ctx.job_id, ctx.attempt)
        return None
    except JobCancelled:
        return Ending(JobState.CANCELLED)
    except JobDrained:
        return _handed_on()
    except JobPutOff as later:
        return _handed_on(later.seconds)
    except CrmError as error:
        return Ending(JobState.FAILED, values={"error": str(error)[:500]})
    except PermissionDenied:
        return Ending(JobState.FAILED, values={"error": gettext("You have no right to do this (any more).")})
    except JobOutOfTime as error:
        words = gettext("The work took longer than allowed and was stopped. Try again to go on from where it was.")
        return Ending(JobState.FAILED, values={"error": words, "error_detail": where_it_failed(error)})
    except Exception as error:
        return _after_fault(ctx, error)
    return Ending(JobState.SUCCEEDED, values={"error": "", "error_detail": ""})


def _handed_on(seconds: float = 0) -> Ending:
    """Back to the queue. Being sent away, or stepping aside, is no fault: it costs the job none of its attempts."""
    return Ending(JobState.QUEUED, again_in=seconds, values={"max_attempts": F("max_attempts") + 1})


def _after_fault(ctx: JobContext, error: Exception) -> Ending:
    detail = where_it_failed(error)
    # Not log.exception(): the message of an exception may quote a customer's data.
    log.error("Job %s (%s), attempt %s, failed: %s", ctx.job_id, ctx.job.kind, ctx.attempt, detail)
    if ctx.attempt >= ctx.job.max_attempts:
        words = gettext(
            "An unexpected fault stopped the work each time. Try again; if that does not help, give the number of "
            "this job to your administrator."
        )
        return Ending(JobState.DEAD, values={"error": words, "error_detail": detail})
    return Ending(JobState.QUEUED, again_in=_backoff(ctx.job), values={"error_detail": detail})


def _backoff(job: Job) -> float:
    try:
        kind = job_kind(job.kind)
    except KeyError:
        return 60.0  # an older worker that does not know the kind yet
    earlier_rounds = job.max_attempts - kind.max_attempts
    doubled = kind.backoff * 2 ** max(0, min(20, job.attempts - earlier_rounds - 1))
    # What failed together, such as everything that needed one server, should not return together.
    return min(LONGEST_BACKOFF_SECONDS, doubled) * random.uniform(0.75, 1.25)  # noqa: S311  # no secret


def _settle(ctx: JobContext, ending: Ending) -> None:
    """Write the ending. When the database does not answer, the lease runs out and the sweeper takes over."""
    told = ctx.last_told()
    for last_try in (False, True):
        try:
            with transaction.atomic():
                _write_ending(ctx.job, ending, told)
            return
        except JobLeaseLost:
            log.warning("Job %s, attempt %s, ended after its lease was lost", ctx.job_id, ctx.attempt)
            return
        except Error as error:
            if connection.in_atomic_block:
                raise
            connection.close()
            if last_try:
                log.error("Job %s could not be settled: %s", ctx.job_id, type(error).__name__)


def _write_ending(job: Job, ending: Ending, told: dict[str, Any]) -> None:
    again = ending.again_in
    write_held(
        job,
        state=ending.state,
        lease_until=None,
        next_attempt_at=None if again is None else from_now(again),
        finished_at=Now() if again is None else None,
        **told,
        **ending.values,
    )
    if again is None:
        outbox.forget(job)
    elif again == 0:
        outbox.promise(job)
    else:
        outbox.postpone(job, again)
