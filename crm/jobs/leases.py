"""Who may work on a job, and until when. All moments are the database's: workers' clocks need not agree."""

from __future__ import annotations

import logging
import os
import socket
from threading import Event, Thread
from time import monotonic

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext

from crm.errors import JobLeaseLost
from crm.tenancy.context import use_tenant

from . import outbox
from .choices import JobState
from .models import Job
from .querysets import from_now

log = logging.getLogger(__name__)

# How often a running job says that it lives, shows its progress and learns that it was cancelled.
BEAT_SECONDS = 2.0


def worker_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"[:120]


def claim(job_id: int, *, early: bool = False) -> Job | None:
    """Take the job for one attempt, in a transaction of its own; None when there is nothing to do.

    `early` takes a waiting job before its time. A job that somebody is just deciding about is skipped, not waited for:
    a worker that was stopped in mid-transaction may hold the row for as long as it likes.
    """
    with transaction.atomic():
        job = Job.objects.claimable(early=early).select_for_update(skip_locked=True).filter(pk=job_id).first()
        if job is None:
            return None
        if job.cancel_requested_at is not None:
            _bury(job, JobState.CANCELLED)
            return None
        if job.attempts >= job.max_attempts:
            # Its workers ended without a word each time: perhaps it is what ends them.
            log.error("Job %s (%s) ended its worker %s times and is given up", job.pk, job.kind, job.attempts)
            _bury(job, JobState.DEAD)
            return None
        Job.objects.filter(pk=job.pk).update(
            state=JobState.RUNNING,
            attempts=job.attempts + 1,
            worker=worker_name(),
            started_at=Coalesce("started_at", Now()),
            next_attempt_at=None,
            **_until(),
        )
        outbox.hold(job)
        return Job.objects.get(pk=job.pk)


def _until() -> dict:
    return {"heartbeat_at": Now(), "lease_until": from_now(settings.JOB_LEASE_SECONDS)}


def _bury(job: Job, state: JobState) -> None:
    words = gettext("The work was interrupted again and again, and was given up.") if state == JobState.DEAD else ""
    Job.objects.filter(pk=job.pk).update(state=state, error=words, finished_at=Now(), lease_until=None)
    outbox.forget(job)


def write_held(job: Job, **values) -> None:
    """Change the job, in the caller's transaction, if this attempt still holds it; else raise JobLeaseLost."""
    if not Job.objects.held(job.pk, job.attempts).update(**values):
        raise JobLeaseLost


def renew(job: Job, **values) -> bool:
    """Prolong the lease and write `values`, committed at once. Returns whether the job was asked to stop."""
    with transaction.atomic():
        write_held(job, **_until(), **values)
        outbox.hold(job)
        return Job.objects.filter(pk=job.pk, cancel_requested_at__isnull=False).exists()


class Heartbeat:
    """Renews the lease from a thread, over a connection of its own, while the job is busy or in a transaction.

    `is_cancelled` and `is_lost` are for the job's own thread to act on. `progress` is what to show with the next beat.
    """

    def __init__(self, job: Job):
        self.job = job
        self.is_cancelled = False
        self.is_lost = False
        self.progress: dict = {}
        self._end = Event()
        self._thread = Thread(target=self._beat, name=f"job-{job.pk}-heartbeat", daemon=True)
        self._held_until = monotonic() + settings.JOB_LEASE_SECONDS

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *exc_info) -> None:
        self._end.set()
        # Should the beat hang on a database that does not answer, the job goes on; its writes are fenced anyway.
        self._thread.join(timeout=10)

    def _beat(self) -> None:
        every = min(BEAT_SECONDS, settings.JOB_LEASE_SECONDS / 3)
        try:
            with use_tenant(self.job.tenant_id):
                while not self.is_lost and not self._end.wait(every):
                    self._renew()
        finally:
            connection.close()

    def _renew(self) -> None:
        begun = monotonic()
        try:
            progress, self.progress = self.progress, {}
            self.is_cancelled = renew(self.job, **progress)
            self._held_until = begun + settings.JOB_LEASE_SECONDS
        except JobLeaseLost:
            self.is_lost = True
        except Error as error:
            # The next beat asks anew. Once the lease may have run out unseen, somebody else may be at work.
            log.warning("Job %s could not renew its lease: %s", self.job.pk, type(error).__name__)
            connection.close()
            self.is_lost = monotonic() > self._held_until
