import uuid

import pytest


@pytest.fixture(autouse=True)
def own_cache(settings):
    """Counts of attempts that are kept in Redis begin anew for each test."""
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}
