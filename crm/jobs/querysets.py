from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Now

from crm.tenancy.base import TenantQuerySet

from .choices import UNFINISHED, JobState


def from_now(seconds: float):
    """A moment by the database's clock, the one clock that all workers share."""
    return Now() + Value(timedelta(seconds=seconds))


class JobQuerySet(TenantQuerySet):
    def unfinished(self):
        return self.filter(state__in=UNFINISHED)

    def claimable(self, *, early: bool = False):
        """Waiting and due (with `early`, waiting at all), or left by a worker whose lease has run out."""
        waiting = Q(state=JobState.QUEUED)
        if not early:
            waiting &= Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=Now())
        return self.filter(waiting | Q(state=JobState.RUNNING, lease_until__lt=Now()))

    def held(self, job_id: int, attempt: int):
        """The job, if this attempt still holds it: empty once another attempt began or the job was ended."""
        return self.filter(pk=job_id, attempts=attempt, state=JobState.RUNNING)


class JobWakeupQuerySet(models.QuerySet):
    def of(self, tenant_id: int, job_id: int):
        return self.filter(tenant_id=tenant_id, job_id=job_id)

    def due(self):
        return self.filter(due_at__lte=Now())
