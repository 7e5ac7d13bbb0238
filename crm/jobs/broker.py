"""Messages to workers. Losing one costs time and nothing else, so nothing here waits long or raises."""

from __future__ import annotations

import logging
from time import monotonic

from kombu.exceptions import ChannelError, KombuError
from redis.exceptions import RedisError

from .registry import job_kinds

log = logging.getLogger(__name__)

# After a failure this process leaves the broker alone for a while: a Redis that takes connections and does not answer
# costs one request its time-out, not every request.
REST_SECONDS = 10.0
# A job stops by itself at its limit (limits.py). A child in which nothing can stop it any more is killed when this much
# more than the longest limit has passed; its lease then runs out, and the job is looked at.
HARD_LIMIT_GRACE = 120
# Told apart from everything else, which is short (crm/settings.py).
QUEUE = "jobs"
_BROKEN = (OSError, KombuError, RedisError)
_rest_until = 0.0


def wake() -> bool:
    """Ask a worker to take the next job. False when the broker could not be reached: the sweeper will ask again."""
    if monotonic() < _rest_until:
        return False
    from .tasks import run

    longest = max((kind.time_limit for kind in job_kinds().values()), default=0)
    try:
        run.apply_async(retry=False, time_limit=longest + HARD_LIMIT_GRACE)
    except _BROKEN as error:
        _rest("Jobs wait for the sweeper, the broker cannot be reached: %s", type(error).__name__)
        return False
    return True


def waiting() -> int | None:
    """How many messages about jobs no worker has taken yet; None when the broker cannot be reached."""
    from crm.celery import app

    try:
        with app.connection_for_write() as connection:
            channel = connection.default_channel
            return channel.queue_declare(queue=QUEUE, passive=True).message_count
    except ChannelError:
        return 0
    except _BROKEN as error:
        _rest("The broker cannot be reached: %s", type(error).__name__)
        return None


def _rest(said: str, *args) -> None:
    global _rest_until  # one breaker for all threads
    _rest_until = monotonic() + REST_SECONDS
    log.warning(said, *args)
