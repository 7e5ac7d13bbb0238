"""Claims that race, and heartbeats, on connections of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.errors import JobLeaseLost
from crm.jobs import cancel_job, start_job
from crm.jobs.choices import JobState
from crm.jobs.leases import Heartbeat, claim, renew
from crm.jobs.models import Job, JobWakeup
from crm.jobs.runner import work_on
from crm.tenancy.context import tenant_atomic, use_tenant
from tests.crm.jobs.harness import wait_for
from tests.factories import make_tenant

pytestmark = pytest.mark.usefixtures("committed_db", "messages")


def nothing(ctx): ...


@pytest.fixture
def job(committed_db, kind, messages) -> Job:
    return start_job(kind(nothing), tenant=make_tenant())


def reread(job: Job) -> Job:
    with tenant_atomic(job.tenant_id):
        return Job.objects.get(pk=job.pk)


def let_the_lease_run_out(job: Job) -> None:
    with tenant_atomic(job.tenant_id):
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_of_many_workers_one_gets_the_job(job):
    together = Barrier(6)

    def try_to_claim(_number):
        try:
            together.wait()
            with use_tenant(job.tenant_id):
                return claim(job.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        claims = list(threads.map(try_to_claim, range(6)))

    assert [one.attempts for one in claims if one] == [1]


def test_a_job_that_somebody_is_deciding_about_is_not_waited_for(job):
    with tenant_atomic(job.tenant_id):
        Job.objects.select_for_update().get(pk=job.pk)
        with ThreadPoolExecutor(1) as other:
            began = time.monotonic()
            assert other.submit(claim_elsewhere, job).result(timeout=10) is None

    assert time.monotonic() - began < 3


def claim_elsewhere(job: Job) -> Job | None:
    try:
        with use_tenant(job.tenant_id):
            return claim(job.pk)
    finally:
        connection.close()


def test_a_lease_that_ran_out_passes_to_the_next_attempt(job):
    with use_tenant(job.tenant_id):
        first = claim(job.pk)
        assert claim(job.pk) is None
        let_the_lease_run_out(job)
        second = claim(job.pk)

        assert (first.attempts, second.attempts) == (1, 2)
        with pytest.raises(JobLeaseLost):
            renew(first)
        assert renew(second) is False


def test_a_cancelled_job_whose_worker_died_is_not_begun_again(job):
    with use_tenant(job.tenant_id):
        claim(job.pk)
        cancel_job(job=job)
        let_the_lease_run_out(job)

        assert claim(job.pk) is None

    assert reread(job).state == JobState.CANCELLED
    assert not JobWakeup.objects.exists()


def test_a_heartbeat_renews_the_lease_and_shows_progress_while_a_step_is_open(job, settings):
    settings.JOB_LEASE_SECONDS = 1.5
    with use_tenant(job.tenant_id):
        held = claim(job.pk)
        with Heartbeat(held) as heartbeat, transaction.atomic():
            heartbeat.progress = {"done": 3, "total": 9}
            time.sleep(2)
            shown = reread(job)
        assert claim(job.pk) is None

    assert (shown.done, shown.total) == (3, 9)


def test_a_heartbeat_brings_the_cancellation(job, settings):
    settings.JOB_LEASE_SECONDS = 0.6
    with use_tenant(job.tenant_id):
        held = claim(job.pk)
        cancel_job(job=job)
        with Heartbeat(held) as heartbeat:
            wait_for(lambda: heartbeat.is_cancelled, seconds=5)

    assert not heartbeat.is_lost


def test_a_heartbeat_notices_that_the_lease_is_lost(job, settings):
    settings.JOB_LEASE_SECONDS = 0.6
    with use_tenant(job.tenant_id):
        held = claim(job.pk)
        with transaction.atomic():
            Job.objects.filter(pk=job.pk).update(attempts=9)
        with Heartbeat(held) as heartbeat:
            wait_for(lambda: heartbeat.is_lost, seconds=5)

    assert not heartbeat.is_cancelled


def test_work_that_is_done_is_not_done_again(job):
    assert [work_on(job.tenant_id, job.pk), work_on(job.tenant_id, job.pk)] == [True, False]
    assert reread(job).attempts == 1
