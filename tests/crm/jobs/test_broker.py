"""A broker that is gone costs a request little, and the job nothing."""

import socket
import time
from collections.abc import Iterator

import pytest

from crm.celery import app
from crm.jobs import broker


@pytest.fixture
def broker_at(monkeypatch):
    def point(port: int) -> None:
        monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{port}/0")
        monkeypatch.setattr(broker, "_rest_until", 0.0)
        monkeypatch.setattr(app, "_pool", None)
        monkeypatch.setattr(app.amqp, "_producer_pool", None)

    return point


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_broker_that_is_gone_is_noticed_at_once(broker_at, closed_port):
    broker_at(closed_port)
    began = time.monotonic()

    assert broker.wake() is False
    assert broker.waiting() is None
    assert time.monotonic() - began < 5


def test_a_broker_that_does_not_answer_is_waited_for_once(broker_at, silent_port):
    broker_at(silent_port)
    began = time.monotonic()

    assert [broker.wake() for _number in range(5)] == [False] * 5
    assert time.monotonic() - began < 10  # not five time-outs of three seconds


def test_what_is_short_does_not_wait_behind_jobs():
    app.loader.import_default_modules()
    queue_of = {name: app.amqp.router.route({}, name)["queue"].name for name in app.tasks}

    assert queue_of.pop("jobs.run") == broker.QUEUE == "jobs"
    assert "mail.deliver" in queue_of
    assert set(queue_of.values()) == {"short"}
    assert set(app.amqp.queues.consume_from) == {"short", "jobs"}
