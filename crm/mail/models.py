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
    reply_to = models.EmailField(blank=True, default="")
    # Beside what every mail says, or in place of it.
    headers = models.JSONField(default=dict)
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


class OutgoingAttachment(models.Model):
    """A file of a mail on its way out. The bytes themselves, because the tenant's file may be gone by the time it goes
    out, and because the table of mail belongs to no tenant. They go when the mail has left."""

    scale: ClassVar[str] = "local"

    mail = models.ForeignKey(OutgoingMail, models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=255)
    content_type = models.CharField(max_length=100)
    content = models.BinaryField()

    class Meta:
        verbose_name_plural = "files of outgoing mail"

    def __str__(self):
        return self.name
