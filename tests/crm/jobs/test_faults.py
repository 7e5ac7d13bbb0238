"""Real workers, killed for real. After each fault: no row lost, no row doubled, and the job ends by itself."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from crm.celery import app
from crm.jobs import broker, cancel_job, start_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job, JobWakeup
from crm.tenancy.context import tenant_atomic
from tests.crm.jobs import fault_jobs  # noqa: F401  # declares the jobs
from tests.crm.jobs.harness import (
    LEASE_SECONDS,
    SWEEP_SECONDS,
    CeleryProcess,
    RedisServer,
    beat,
    child_of,
    reread,
    wait_for,
    worker,
)
from tests.factories import make_tenant

pytestmark = pytest.mark.usefixtures("committed_db", "broker_of_this_module")


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def processes(django_db_setup, redis_server, tmp_path_factory) -> Iterator[dict[str, CeleryProcess]]:
    folder = tmp_path_factory.mktemp("workers")
    found = {
        "worker": worker(folder, redis_server.url),
        "other": worker(folder, redis_server.url, "other"),
        "beat": beat(folder, redis_server.url),
    }
    yield found
    for process in found.values():
        process.kill()


@pytest.fixture
def broker_of_this_module(redis_server, monkeypatch, settings) -> None:
    """This process sends its messages to the test's Redis, and is as impatient as the workers are."""
    settings.JOB_LEASE_SECONDS, settings.JOB_SWEEP_SECONDS = LEASE_SECONDS, SWEEP_SECONDS
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    monkeypatch.setattr(broker, "_rest_until", 0.0)
    # Celery keeps its pool of connections under the address it had first.
    monkeypatch.setattr(app, "_pool", None)
    monkeypatch.setattr(app.amqp, "_producer_pool", None)


@pytest.fixture
def live_worker(processes) -> CeleryProcess:
    """The worker of this module, with the beat; started anew when an earlier test ended it."""
    for name in ("beat", "worker"):
        if not processes[name].is_alive:
            processes[name].start()
    wait_for(lambda: processes["worker"].is_ready)
    return processes["worker"]


def begin(kind: str = "tests.write_rows", **params) -> Job:
    tenant = make_tenant()
    return start_job(kind, tenant=tenant, params=params)


def under_way(job: Job, rows: int = 10) -> Job:
    return wait_for(lambda: (now := reread(job)).checkpoint.get("next", 0) >= rows and now)


def ended(job: Job, *, seconds: float = 30) -> Job:
    return wait_for(lambda: (now := reread(job)).is_finished and now, seconds=seconds)


def assert_each_row_once(job: Job, rows: int) -> None:
    expected = [f"row {row:03}" for row in range(rows)]
    with tenant_atomic(job.tenant_id):
        assert [*job.tenant.tags.order_by("name").values_list("name", flat=True)] == expected
        assert [*job.tenant.customers.order_by("name").values_list("name", flat=True)] == expected
    assert not JobWakeup.objects.exists()


def test_a_job_is_done_by_a_worker(live_worker):
    job = ended(begin(rows=5))

    assert (job.state, job.attempts, job.done, job.total) == (JobState.SUCCEEDED, 1, 5, 5)
    assert_each_row_once(job, 5)


def test_a_killed_child_is_replaced_and_goes_on_from_the_checkpoint(live_worker):
    job = under_way(begin(rows=40))
    os.kill(child_of(job), signal.SIGKILL)

    job = ended(job)

    assert job.state == JobState.SUCCEEDED
    assert job.attempts >= 2
    assert_each_row_once(job, 40)


def test_a_killed_worker_is_survived(live_worker):
    job = under_way(begin(rows=40))
    live_worker.kill()

    live_worker.start()
    job = ended(job)

    assert job.state == JobState.SUCCEEDED
    assert job.attempts >= 2
    assert_each_row_once(job, 40)


def test_a_worker_that_comes_back_too_late_writes_nothing(live_worker, processes):
    job = under_way(begin(rows=40))
    frozen = child_of(job)
    os.kill(frozen, signal.SIGSTOP)
    try:
        processes["other"].start()
        job = wait_for(lambda: (now := reread(job)).attempts > 1 and now)
    finally:
        os.kill(frozen, signal.SIGCONT)

    job = ended(job)
    processes["other"].kill()

    assert job.state == JobState.SUCCEEDED
    assert child_of(job) != frozen
    assert_each_row_once(job, 40)


def test_a_worker_asked_to_stop_hands_its_job_on(live_worker):
    job = under_way(begin(rows=60))

    status = live_worker.drain(seconds=30)

    handed_on = reread(job)
    assert status == 0
    assert (handed_on.state, handed_on.attempts) == (JobState.QUEUED, job.attempts)
    assert handed_on.max_attempts == job.max_attempts + 1  # being sent away costs no attempt
    live_worker.start()
    job = ended(job)
    assert job.state == JobState.SUCCEEDED
    assert_each_row_once(job, 60)


def test_a_redis_that_comes_back_empty_loses_nothing(live_worker, redis_server):
    running = under_way(begin(rows=60))
    redis_server.kill()

    began = time.monotonic()
    waiting = start_job("tests.touch", tenant=running.tenant)
    refused_after = time.monotonic() - began
    redis_server.start()

    assert refused_after < 5
    assert ended(running).state == JobState.SUCCEEDED
    assert ended(waiting).state == JobState.SUCCEEDED
    with tenant_atomic(running.tenant_id):
        assert running.tenant.tags.get(name=f"job {waiting.pk}").delete()
    assert_each_row_once(running, 60)


def test_a_database_that_went_away_is_waited_for(live_worker, servers):
    job = under_way(begin(rows=60))

    with psycopg.connect(servers, autocommit=True) as admin:
        name = connection.settings_dict["NAME"]
        connection.close()
        door = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        admin.execute(door.format(sql.Identifier(name), sql.Literal(False)))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        time.sleep(2)
        admin.execute(door.format(sql.Identifier(name), sql.Literal(True)))

    job = ended(job)
    assert job.state == JobState.SUCCEEDED
    assert job.attempts >= 2
    assert_each_row_once(job, 60)


def test_a_job_that_kills_its_workers_is_given_up_and_the_next_one_runs(live_worker):
    poison = begin("tests.kill_worker")

    poison = ended(poison, seconds=40)
    healthy = ended(start_job("tests.touch", tenant=poison.tenant))

    assert (poison.state, poison.attempts) == (JobState.DEAD, 2)
    assert poison.error
    assert healthy.state == JobState.SUCCEEDED


def test_a_job_past_its_time_limit_is_stopped_with_words(live_worker):
    job = ended(begin("tests.overstay"))

    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "longer than allowed" in job.error


def test_a_running_job_is_cancelled(live_worker):
    job = under_way(begin(rows=400))

    cancel_job(job=job)
    job = ended(job)

    assert job.state == JobState.CANCELLED
    assert job.checkpoint["next"] < 400
    assert_each_row_once(job, job.checkpoint["next"])
