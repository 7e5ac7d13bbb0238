"""How long one attempt may take. Not left to Celery: its limits belong to messages, and a message names no job."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType

from crm.errors import JobOutOfTime


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Raise JobOutOfTime inside the block once the time is over; for the main thread, where a worker's child works."""
    if seconds is None or current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _ring(number: int, frame: FrameType | None) -> None:
    raise JobOutOfTime
