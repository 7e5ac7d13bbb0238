from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.files.models import StoredFile
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel

from .choices import JobState
from .querysets import JobQuerySet, JobWakeupQuerySet
from .registry import job_kinds


class Job(TenantModel):
    """One piece of long work. This row is the truth about it; the broker only wakes a worker to look at it.

    `attempts` is also the fencing token: every write of a running attempt names its number, so a worker that lost its
    lease while it was away can change nothing any more.
    """

    not_audited = "Is itself the record of who started what and how it ended, and changes every second."

    kind = models.CharField(_("kind"), max_length=80, editable=False)
    # Empty: the title of the kind, in the language of whoever looks.
    title = models.CharField(_("title"), max_length=200, blank=True)
    params = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=JobState, default=JobState.QUEUED, editable=False)
    # Nobody: started by the product itself, for administrators.
    user = MemberForeignKey(verbose_name=_("started by"), null=True, editable=False, related_name="+")

    done = models.PositiveBigIntegerField(_("done"), default=0, editable=False)
    # Empty: not known (yet).
    total = models.PositiveBigIntegerField(_("total"), null=True, editable=False)
    message = models.CharField(_("message"), max_length=300, blank=True, editable=False)
    checkpoint = models.JSONField(default=dict, editable=False)
    result = TenantForeignKey(
        StoredFile, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("result")
    )
    # In words, for the person; and where it happened, for the operator: types and places, never values.
    error = models.CharField(_("error"), max_length=500, blank=True, editable=False)
    error_detail = models.TextField(blank=True, editable=False)

    attempts = models.PositiveIntegerField(_("attempts"), default=0, editable=False)
    max_attempts = models.PositiveIntegerField(default=1, editable=False)
    # Empty: at once.
    next_attempt_at = models.DateTimeField(null=True, editable=False)
    worker = models.CharField(max_length=120, blank=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, editable=False)

    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started_at = models.DateTimeField(_("started"), null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)

    objects = TenantManager.from_queryset(JobQuerySet)()

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [
            models.Index("tenant", models.F("created_at").desc(), models.F("id").desc(), name="job_recent"),
            models.Index("tenant", "user", models.F("created_at").desc(), models.F("id").desc(), name="job_own"),
            models.Index("tenant", "state", models.F("created_at").desc(), models.F("id").desc(), name="job_by_state"),
            models.Index(
                fields=["tenant", "finished_at"], name="job_age", condition=models.Q(finished_at__isnull=False)
            ),
        ]

    def __str__(self):
        if self.title:
            return self.title
        kind = job_kinds().get(self.kind)
        return str(kind.title) if kind else self.kind

    def get_absolute_url(self):
        return reverse("jobs:job_detail", args=[self.pk])

    @property
    def is_finished(self) -> bool:
        return JobState(self.state).is_finished

    @property
    def is_cancelling(self) -> bool:
        return not self.is_finished and self.cancel_requested_at is not None

    @property
    def can_cancel(self) -> bool:
        return not self.is_finished and self.cancel_requested_at is None

    @property
    def can_retry(self) -> bool:
        """Also not when an upgrade took the kind away."""
        return self.state in (JobState.FAILED, JobState.DEAD, JobState.CANCELLED) and self.kind in job_kinds()

    @property
    def percent(self) -> int | None:
        """0 to 100, or None while the total is not known. 100 only when it is done."""
        if self.state == JobState.SUCCEEDED:
            return 100
        if self.total is None:
            return None
        return min(99, self.done * 100 // self.total) if self.total else 0


class JobWakeup(models.Model):
    """When to wake a worker for a job that is not finished: the outbox, and the queue of all tenants.

    Tenant rows cannot be searched across tenants, so this table of ids can be. Its rows are written in the same
    transaction as the job's; there is none for a finished job.
    """

    scale: ClassVar[str] = "local"

    tenant_id = models.BigIntegerField()
    job_id = models.BigIntegerField()
    kind = models.CharField(max_length=80)
    # From when a worker may take it; for a running job, when its lease will have run out.
    ready_at = models.DateTimeField(default=timezone.now)
    is_running = models.BooleanField(default=False)
    # When to send a message about it (again).
    due_at = models.DateTimeField()

    objects = JobWakeupQuerySet.as_manager()

    class Meta:
        verbose_name = _("wake-up of a job")
        verbose_name_plural = _("wake-ups of jobs")
        constraints = [models.UniqueConstraint(fields=["tenant_id", "job_id"], name="job_wakeup_once")]
        indexes = [models.Index(fields=["due_at"], name="job_wakeup_due")]

    def __str__(self):
        return f"{self.tenant_id}/{self.job_id}"


class JobTurn(models.Model):
    """When a tenant last had its turn: of those with equally much at work, the one that waited longest is next."""

    scale: ClassVar[str] = "local"

    tenant_id = models.BigIntegerField(primary_key=True)
    taken_at = models.DateTimeField()

    def __str__(self):
        return str(self.tenant_id)
