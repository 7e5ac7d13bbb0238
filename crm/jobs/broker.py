"""Messages to workers. Losing one costs time and nothing else, so nothing here waits long or raises."""

from __future__ import annotations

import logging
from threading import local
from time import monotonic

from kombu.exceptions import ChannelError, KombuError

from .registry import job_kinds

log = logging.getLogger(__name__)

# After a failure the broker is left alone for a while: a request that starts many jobs waits once, not once for each.
REST_SECONDS = 5.0
# A worker that ignores the soft limit is killed this much later; its lease then runs out and the job is looked at.
HARD_LIMIT_GRACE = 120
_ENDED = (OSError, KombuError)
_state = local()


def wake(tenant_id: int, job_id: int, kind: str) -> bool:
    """Ask a worker to look at the job. False when the broker could not be reached: the sweeper will ask again."""
    if monotonic() < getattr(_state, "rest_until", 0.0):
        return False
    from .tasks import run

    known = job_kinds().get(kind)
    limits = {"soft_time_limit": known.time_limit, "time_limit": known.time_limit + HARD_LIMIT_GRACE} if known else {}
    try:
        run.apply_async(args=[tenant_id, job_id], retry=False, **limits)
    except _ENDED as error:
        _rest("Job %s waits for the sweeper, the broker cannot be reached: %s", job_id, type(error).__name__)
        return False
    return True


def waiting() -> int | None:
    """How many messages no worker has taken yet; None when the broker cannot be reached."""
    from crm.celery import app

    try:
        with app.connection_for_write() as connection:
            channel = connection.default_channel
            return channel.queue_declare(queue=app.conf.task_default_queue, passive=True).message_count
    except ChannelError:
        return 0
    except _ENDED as error:
        _rest("The broker cannot be reached: %s", type(error).__name__)
        return None


def _rest(said: str, *args) -> None:
    _state.rest_until = monotonic() + REST_SECONDS
    log.warning(said, *args)
