from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OutgoingMail(models.Model):
    """A mail on its way out. Written with the change it tells of, deleted once the mail server has taken it.

    It holds links that sign people in, so it does not stay: what cannot be sent is deleted by `forget_old_mail`.
    """

    scale: ClassVar[str] = "local"

    to = models.EmailField()
    sender = models.CharField(max_length=400)
    subject = models.CharField(max_length=998)
    text = models.TextField()
    html = models.TextField()
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)
    attempts_count = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    gave_up_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        verbose_name_plural = "outgoing mail"
        indexes = [models.Index(fields=["next_try_at"], condition=Q(gave_up_at=None), name="mail_outgoing_due")]

    def __str__(self):
        return f"{self.to}: {self.subject}"
