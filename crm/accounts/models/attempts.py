from __future__ import annotations

from typing import ClassVar

from django.db import models


class SignInAttempts(models.Model):
    """Failed sign-ins of one bucket (crm.accounts.throttle). Keys are keyed hashes: no address can be read here."""

    scale: ClassVar[str] = "local"

    key = models.CharField(max_length=64, primary_key=True)
    failed_count = models.PositiveIntegerField()
    failed_at = models.DateTimeField(db_index=True)
    blocked_until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "sign-in attempts"

    def __str__(self):
        return self.key
