"""A worker says every few seconds that it is there."""

from __future__ import annotations

from time import monotonic, time
from typing import Any

from celery import signals
from django.core.cache import cache

EVERY_SECONDS = 5.0
# So long after its last word a worker counts as gone.
PATIENCE_SECONDS = 20

_KEY = "health:worker-at"
_last = -EVERY_SECONDS


def connect() -> None:
    signals.worker_ready.connect(beat, dispatch_uid="health-worker-ready")
    # Sent by the loop that also takes messages, every two seconds: a worker that hangs falls silent.
    signals.heartbeat_sent.connect(beat, dispatch_uid="health-heartbeat")


def beat(**kwargs: Any) -> None:
    global _last
    if monotonic() - _last >= EVERY_SECONDS:
        _last = monotonic()
        cache.set(_KEY, time(), timeout=PATIENCE_SECONDS)


def worker_is_alive() -> bool:
    return cache.get(_KEY) is not None
