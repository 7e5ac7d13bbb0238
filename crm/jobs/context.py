"""What a job's function gets to work with."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import IO, Any, NoReturn

from django.conf import settings
from django.db import connection, transaction

from crm.errors import JobCancelled, JobDrained, JobLeaseLost, JobPutOff, JobWithoutMember
from crm.files.models import StoredFile
from crm.files.operations import remove_file, store_file
from crm.tenancy.models import Membership, Tenant

from . import drain
from .leases import Heartbeat, renew, write_held
from .models import Job

# Progress told more often than this is kept for the next write: a job may tell it with every row.
WRITE_EVERY_SECONDS = 0.25


class JobContext:
    """One attempt at a job. The function runs in the tenant, but in no transaction: it opens one for each step."""

    def __init__(self, job: Job, tenant: Tenant, heartbeat: Heartbeat | None = None):
        self.job = job
        self.tenant = tenant
        self.checkpoint: dict[str, Any] = dict(job.checkpoint)
        self._heartbeat = heartbeat
        self._told: dict[str, Any] = {}
        self._written_at = 0.0
        # A test, or a command, may run the whole job inside a transaction; steps are what lies deeper.
        self._depth = len(connection.atomic_blocks)

    @property
    def job_id(self) -> int:
        return self.job.pk

    @property
    def attempt(self) -> int:
        return self.job.attempts

    @property
    def params(self) -> dict[str, Any]:
        return self.job.params

    @cached_property
    def membership(self) -> Membership:
        """The person's membership as it is now: rights may end while a job waits. Raises JobWithoutMember."""
        found = (
            Membership.objects.active()
            .select_related("tenant", "user", "team")
            .filter(tenant=self.tenant, user_id=self.job.user_id)
            .first()
        )
        if found is None:
            raise JobWithoutMember()
        return found

    def progress(self, done: int, total: int | None = None, message: object = "") -> None:
        """Tell how far it is; cheap enough for every row. `total` None leaves the total as it was.

        Outside a step it is written at once (but not more than a few times a second), and this is where the job ends
        when it was cancelled, when it lost its lease or when the worker stops. Inside a step (an `atomic()` of the
        function) nothing is written, lest the job's row be locked while the step goes on: it is shown by the next
        heartbeat, and kept by `save_checkpoint()`.
        """
        self._told["done"] = int(done)
        if total is not None:
            self._told["total"] = int(total)
        self._told["message"] = str(message)[:300]
        in_step = len(connection.atomic_blocks) > self._depth
        self._stop_if_told(in_step)
        if in_step:
            if self._heartbeat:
                self._heartbeat.progress = dict(self._told)
            return
        is_last = self._told["done"] == self._told.get("total", self.job.total)
        if is_last or monotonic() - self._written_at >= WRITE_EVERY_SECONDS:
            self._written_at = monotonic()
            if renew(self.job, **self._take_told()):
                raise JobCancelled

    def save_checkpoint(self) -> None:
        """Keep `checkpoint`, and the progress told so far, in the step's transaction. Call it last in the step.

        Raises JobLeaseLost, which rolls the step back, when another attempt has taken over meanwhile. Called outside
        a step it commits by itself.
        """
        with transaction.atomic():
            write_held(self.job, checkpoint=self.checkpoint, **self._take_told())

    def put_off(self, seconds: float = 0) -> NoReturn:
        """End this attempt; the job goes on from its checkpoint after so many seconds, or when its turn comes again.

        For work of hours that others should not wait behind. Costs none of its attempts.
        """
        raise JobPutOff(seconds)

    def attach_result(self, source: IO[bytes] | Path | str, filename: str, *, content_type: str = "") -> StoredFile:
        """Copy a file to be the job's result, in place of an earlier one. `filename` is what the person saves it as."""
        with transaction.atomic():
            file = store_file(
                tenant=self.tenant,
                source=source,
                name=filename,
                user=self.job.user_id,
                content_type=content_type,
                keep_for=timedelta(days=settings.JOB_RESULT_DAYS),
            )
            earlier, self.job.result = self.job.result, file
            write_held(self.job, result=file)
            if earlier is not None:
                remove_file(earlier)
        return file

    def _stop_if_told(self, in_step: bool) -> None:
        if self._heartbeat and self._heartbeat.is_lost:
            raise JobLeaseLost
        if self._heartbeat and self._heartbeat.is_cancelled:
            raise JobCancelled
        # A step that has begun is worth finishing; between two is the moment to leave.
        if not in_step and self._heartbeat and drain.is_draining():
            raise JobDrained

    def _take_told(self) -> dict[str, Any]:
        told, self._told = self._told, {}
        for name, value in told.items():
            setattr(self.job, name, value)
        return told

    def last_told(self) -> dict[str, Any]:
        """What was told and not written yet, for the write that ends the attempt."""
        return self._take_told()
