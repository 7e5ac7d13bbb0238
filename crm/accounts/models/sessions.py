from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.utils import timezone


class Session(AbstractBaseSession):
    """A browser that came here. It ends at `expire_date`, fixed when it began, or when not seen for a while."""

    scale: ClassVar[str] = "local"

    # Beside the signed data, so that one query brings the person along, and leaving ends all of a person's sessions.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    seen_at = models.DateTimeField(default=timezone.now)

    @classmethod
    def get_session_store_class(cls):
        from crm.accounts.sessions import SessionStore

        return SessionStore
