"""What machines are told: alive, ready, or what is missing."""

import psycopg
import pytest
import redis
from django.core.cache import cache
from django.test import Client

from crm.celery import app
from crm.health import checks, drain, heartbeat


@pytest.fixture
def worker(monkeypatch):
    cache.clear()
    monkeypatch.setattr(heartbeat, "_last", -heartbeat.EVERY_SECONDS)
    heartbeat.beat()
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def not_draining():
    yield
    drain.end()


def test_alive_needs_nothing():
    # Without the database mark: a query would be an error. By address, over http, as a probe asks.
    answer = Client(headers={"host": "10.1.2.3:8000"}).get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert not answer.cookies
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_ready_when_all_is_there(worker, django_assert_num_queries):
    # Asked by connections of their own, not by the pages'.
    with django_assert_num_queries(0):
        answer = Client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": True, "redis": True, "worker": True, "draining": False}
    assert not answer.cookies


@pytest.mark.django_db
def test_not_ready_without_a_worker(worker):
    cache.clear()

    answer = Client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "database": True, "redis": True, "worker": False, "draining": False}


@pytest.mark.django_db
def test_a_worker_that_takes_no_jobs_does_not_count(monkeypatch):
    cache.clear()
    monkeypatch.setattr(heartbeat, "_last", -heartbeat.EVERY_SECONDS)
    # As `celery worker --queues short` has it.
    monkeypatch.setattr(app.amqp.queues, "_consume_from", {"short": app.amqp.queues["short"]})

    heartbeat.beat()

    assert Client().get("/readyz").json()["worker"] is False


@pytest.mark.django_db
def test_not_ready_while_the_database_refuses(worker, settings, monkeypatch):
    from django.db import connection

    # A port where nobody listens.
    params = connection.get_connection_params() | {"host": "127.0.0.1", "port": "1"}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["database"], answer.json()["redis"]) == (503, False, True)


@pytest.mark.django_db
def test_not_ready_while_redis_refuses(worker, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    answer = Client().get("/readyz")

    assert (answer.status_code, answer.json()["database"], answer.json()["redis"]) == (503, True, False)


@pytest.mark.django_db
def test_a_server_that_hangs_is_given_up_soon(worker, settings, silent_port):
    settings.REDIS_URL = f"redis://127.0.0.1:{silent_port}/0"

    with pytest.raises(redis.RedisError):
        checks.cache_and_broker()


@pytest.mark.django_db
def test_draining_is_said_and_passes(worker, monkeypatch):
    drain.begin()
    assert Client().get("/readyz").status_code == 503
    assert Client().get("/healthz").status_code == 200

    monkeypatch.setattr(drain, "MARK_COUNTS_SECONDS", 0)
    assert Client().get("/readyz").status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_only_read(path):
    assert Client().post(path).status_code == 405


@pytest.fixture
def silent_port():
    """A server that takes connections and never says a word."""
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_what_counts_as_an_outage():
    from django.db import InterfaceError, OperationalError

    from crm.health.outage import is_outage

    def wrapped(cause: Exception) -> Exception:
        error = OperationalError("wrapped")
        error.__cause__ = cause
        return error

    gone = [
        wrapped(psycopg.OperationalError("connection refused")),
        wrapped(psycopg.errors.AdminShutdown()),
        wrapped(psycopg.errors.CannotConnectNow()),
        wrapped(psycopg.errors.TooManyConnections()),
        wrapped(psycopg.errors.ConnectionFailure()),
        InterfaceError("connection already closed"),
    ]
    other = [
        wrapped(psycopg.errors.QueryCanceled()),
        wrapped(psycopg.errors.DeadlockDetected()),
        wrapped(psycopg.errors.LockNotAvailable()),
        wrapped(psycopg.errors.SerializationFailure()),
        ValueError("redis"),
        None,
    ]
    assert [is_outage(error) for error in gone] == ["database"] * len(gone)
    assert [is_outage(error) for error in other] == [""] * len(other)
    assert is_outage(redis.ConnectionError()) == "redis"
    assert is_outage(redis.TimeoutError()) == "redis"
