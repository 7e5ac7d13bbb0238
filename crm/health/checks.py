"""What must be there for work to be done, each asked anew and briefly."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import redis
from django.conf import settings
from django.db import connection

from crm.observe.logs import get_logger

from . import heartbeat

log = get_logger(__name__)

TIMEOUT_SECONDS = 2


def database() -> bool:
    """By a connection of its own: those of the pages say nothing about whether a new one would be let in."""
    place = connection.get_connection_params() | {
        "connect_timeout": TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={TIMEOUT_SECONDS}s",
    }
    for ours in ("context", "cursor_factory", "prepare_threshold"):
        place.pop(ours, None)
    with psycopg.connect(**place, autocommit=True) as fresh:
        return fresh.execute("SELECT NOT pg_is_in_recovery()").fetchone() == (True,)


def cache_and_broker() -> bool:
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=TIMEOUT_SECONDS, socket_timeout=TIMEOUT_SECONDS
    ) as client:
        return bool(client.ping())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database,
    "redis": cache_and_broker,
    "worker": heartbeat.worker_is_alive,
}


def results() -> dict[str, bool]:
    """{name: whether it is there}."""
    return {name: _passes(name, check) for name, check in CHECKS.items()}


def _passes(name: str, check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (psycopg.Error, redis.RedisError, OSError) as error:
        log.warning("not ready", missing=name, error=type(error).__name__)
        return False
