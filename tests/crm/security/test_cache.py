"""Redis, and this process's memory while Redis is gone."""

import pytest
from django.core.cache import caches

from crm.security import cache as cache_module


@pytest.fixture
def gone(settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    return caches["default"]


def test_while_redis_is_gone_counts_and_values_are_kept_by_the_process(gone):
    gone.set("name", "Ann", 60)
    gone.add("count", 1)
    gone.incr("count")

    assert gone.get_many(["name", "count", "other"]) == {"name": "Ann", "count": 2}
    gone.delete("name")
    assert gone.get("name", "none") == "none"


def test_redis_is_not_asked_again_at_every_call(gone, monkeypatch):
    asked = []
    monkeypatch.setattr(gone._redis, "get", lambda *args: asked.append(1) or _refuse())

    for _ in range(5):
        gone.get("name")
    assert len(asked) == 1

    monkeypatch.setattr(cache_module.time, "monotonic", lambda: gone._gone_until + 1)
    gone.get("name")
    assert len(asked) == 2


def test_when_redis_is_back_it_is_used_again(settings):
    caches_settings = settings.CACHES["default"]
    settings.CACHES = {"default": caches_settings | {"KEY_PREFIX": "test-back"}}
    cache = caches["default"]
    cache._gone_until = 0.0

    cache.set("name", "Ann", 60)

    assert cache._redis.get("name") == "Ann"
    cache.delete("name")


def _refuse():
    raise cache_module.RedisGone
