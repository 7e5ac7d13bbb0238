import pytest

from crm.search import registry


@pytest.fixture
def two_kinds(monkeypatch):
    """Customers and contacts only, whatever other apps add."""
    kinds = {name: registry._kinds[name] for name in ("customers", "contacts")}
    monkeypatch.setattr(registry, "_kinds", kinds)
