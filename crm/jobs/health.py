"""Whether work gets done. A sweep that ended proves scheduler, broker, worker and database at once."""

from __future__ import annotations

from datetime import datetime

from django.core.cache import cache
from django.db.models import Count, Min
from django.utils import timezone

from .models import JobWakeup

_KEY = "jobs:swept-at"


def note_sweep() -> None:
    cache.set(_KEY, timezone.now().timestamp(), timeout=24 * 3600)


def seconds_since_sweep() -> float | None:
    """None when there was no sweep for a day, or none since Redis lost its memory."""
    at = cache.get(_KEY)
    return None if at is None else max(0.0, timezone.now().timestamp() - at)


def unfinished_by_kind() -> dict[str, int]:
    """{kind: jobs that wait or run}, of all tenants; numbers only."""
    return dict(JobWakeup.objects.values_list("kind").annotate(n=Count("id")).order_by("kind"))


def most_overdue() -> datetime | None:
    """When the job that waits longest for its wake-up was due."""
    return JobWakeup.objects.due().aggregate(at=Min("due_at"))["at"]
