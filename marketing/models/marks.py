from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

from crm.tenancy.constraints import Unlogged


class ClaimMark(models.Model):
    """That PostgreSQL still knows all that was written under a claim. It forgets this table first: see sending.py.

    Names a job and its attempt, and says nothing of a tenant.
    """

    scale: ClassVar[str] = "local"

    job_id = models.BigIntegerField()
    claim = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job_id", "claim"], name="claim_mark_once"),
            Unlogged(name="claim_mark_unlogged"),
        ]

    def __str__(self):
        return f"{self.job_id}/{self.claim}"
