"""A worker that takes jobs says every few seconds that it is there."""

from __future__ import annotations

from time import monotonic, time
from typing import Any

from celery import signals
from django.core.cache import cache

from crm.jobs.broker import QUEUE

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
    from crm.celery import app

    global _last
    if monotonic() - _last >= EVERY_SECONDS and QUEUE in app.amqp.queues.consume_from:
        _last = monotonic()
        cache.set(_KEY, time(), timeout=PATIENCE_SECONDS)


def worker_is_alive() -> bool:
    return cache.get(_KEY) is not None
