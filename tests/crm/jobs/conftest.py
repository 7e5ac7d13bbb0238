from __future__ import annotations

import pytest

from crm.jobs import broker, registry


@pytest.fixture
def kind(monkeypatch):
    """Declare kinds of job for one test: `kind(function, **options)` returns the name."""
    registry.job_kinds()
    monkeypatch.setattr(registry, "_kinds", dict(registry._kinds))

    def declare(function, **options) -> str:
        name = f"tests.{function.__name__}"
        registry.job(name, **({"title": "A test"} | options))(function)
        return name

    return declare


@pytest.fixture
def messages(monkeypatch):
    """What would have been sent to the broker: each says only that there is work."""
    from crm.jobs import tasks

    sent: list[str] = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda **options: sent.append("there is work"))
    monkeypatch.setattr(broker, "_rest_until", 0.0)
    return sent
