"""The cache without which everything still works."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisGone
from redis.exceptions import TimeoutError as RedisSlow

logger = logging.getLogger(__name__)

# How long the memory of the process serves before Redis is asked again, so that a page does not wait at every call.
PAUSE_SECONDS = 5.0


class FailSafeRedisCache(BaseCache):
    """Redis, and while Redis is gone the memory of this process.

    What is cached is either a copy or a count of attempts. Counts then hold per process instead of for all: looser,
    but still a limit, and nobody is kept from signing in.
    """

    def __init__(self, server: str, params: dict[str, Any]):
        super().__init__(params)
        self._redis = RedisCache(server, params)
        self._memory = LocMemCache(f"while-gone:{server}", {"OPTIONS": {"MAX_ENTRIES": 10_000}})
        self._gone_until = 0.0

    def _call(self, method: str, *args, **kwargs):
        if time.monotonic() >= self._gone_until:
            try:
                return getattr(self._redis, method)(*args, **kwargs)
            except (RedisGone, RedisSlow) as error:
                self._gone_until = time.monotonic() + PAUSE_SECONDS
                logger.warning("Redis is gone, the cache is this process's memory: %s", type(error).__name__)
        return getattr(self._memory, method)(*args, **kwargs)

    def get(self, key, default=None, version=None):
        return self._call("get", key, default, version)

    def add(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("add", key, value, timeout, version)

    def set(self, key, value, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("set", key, value, timeout, version)

    def touch(self, key, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("touch", key, timeout, version)

    def delete(self, key, version=None):
        return self._call("delete", key, version)

    def get_many(self, keys, version=None):
        return self._call("get_many", list(keys), version)

    def set_many(self, data, timeout=DEFAULT_TIMEOUT, version=None):
        return self._call("set_many", data, timeout, version)

    def delete_many(self, keys, version=None):
        return self._call("delete_many", list(keys), version)

    def has_key(self, key, version=None):
        return self._call("has_key", key, version)

    def incr(self, key, delta=1, version=None):
        return self._call("incr", key, delta, version)

    def clear(self):
        return self._call("clear")
