"""Whose job is next, when more wait than can be done at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm.jobs import cancel_job, outbox, start_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job, JobWakeup
from crm.jobs.runner import work_on_next
from crm.tenancy.context import tenant_atomic
from crm.tenancy.models import Tenant
from tests.factories import make_tenant

pytestmark = pytest.mark.usefixtures("messages")

DONE: list[str] = []


def note(ctx):
    DONE.append(ctx.tenant.slug)


@pytest.fixture
def start(kind):
    """`start("acme", 3)` starts three jobs of the tenant."""
    DONE.clear()
    name = kind(note)
    tenants = {}

    def start(slug: str, number: int = 1) -> list[Job]:
        tenant = tenants.setdefault(slug, None) or make_tenant(slug)
        tenants[slug] = tenant
        return [start_job(name, tenant=tenant) for _number in range(number)]

    return start


def slugs(taken) -> list[str]:
    names = dict(Tenant.objects.values_list("pk", "slug"))
    return [names[tenant_id] for tenant_id, _job_id in taken]


@pytest.mark.django_db
def test_with_one_worker_tenants_take_turns(start):
    start("acme", 5)
    start("huaxing", 2)
    start("late", 1)

    while work_on_next():
        pass

    assert DONE == ["acme", "huaxing", "late", "acme", "huaxing", "acme", "acme", "acme"]


@pytest.mark.django_db
def test_who_comes_later_waits_for_one_job_and_not_for_all(start):
    start("acme", 50)
    for _number in range(3):
        work_on_next()

    start("huaxing", 1)
    work_on_next()

    assert DONE == ["acme", "acme", "acme", "huaxing"]


@pytest.mark.django_db
def test_with_many_workers_none_has_more_at_work_than_another_that_waits(start):
    start("acme", 5)
    taken = [outbox.take(), outbox.take()]
    start("huaxing", 3)

    taken += [outbox.take() for _number in range(4)]

    # With two at work, "acme" has no third before "huaxing" has two.
    assert slugs(taken) == ["acme", "acme", "huaxing", "huaxing", "acme", "huaxing"]


@pytest.mark.django_db
def test_what_a_dead_worker_held_does_not_count_against_its_tenant(start):
    start("acme", 2)
    start("huaxing", 2)
    assert slugs([outbox.take()]) == ["acme"]
    JobWakeup.objects.filter(is_running=True).update(ready_at=timezone.now() - timedelta(seconds=1))

    # Were the dead one counted, "huaxing" would have both.
    assert slugs([outbox.take(), outbox.take()]) == ["huaxing", "acme"]


@pytest.mark.django_db
def test_nothing_is_taken_before_its_time_or_twice(start):
    (job,) = start("acme")
    JobWakeup.objects.update(ready_at=timezone.now() + timedelta(seconds=30))
    assert outbox.take() is None

    JobWakeup.objects.update(ready_at=timezone.now())

    assert [outbox.take(), outbox.take()] == [(job.tenant_id, job.pk), None]


@pytest.mark.django_db
def test_a_job_that_cannot_be_begun_is_passed_over_for_the_next(start):
    cancelled, waiting = start("acme", 2)
    # Cancelled while its worker died: what is left of it waits in the queue.
    with tenant_atomic(cancelled.tenant_id):
        Job.objects.filter(pk=cancelled.pk).update(cancel_requested_at=timezone.now())

    assert work_on_next() is True

    assert DONE == ["acme"]
    with tenant_atomic(cancelled.tenant_id):
        assert Job.objects.get(pk=cancelled.pk).state == JobState.CANCELLED
        assert Job.objects.get(pk=waiting.pk).state == JobState.SUCCEEDED
    assert work_on_next() is False


def test_workers_that_look_at_once_take_different_jobs(committed_db, start):
    start("acme", 6)
    together = Barrier(6)

    def take(_number):
        try:
            together.wait()
            return outbox.take()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        taken = list(threads.map(take, range(6)))

    assert len({one for one in taken if one}) == 6


def forgive_everything():
    while True:
        try:
            time.sleep(10)
        except Exception:  # noqa: S112  # what such a job looks like
            continue


def wait_for_the_database():
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(10)")


@pytest.mark.parametrize("wait", [forgive_everything, wait_for_the_database])
def test_a_job_past_its_limit_is_stopped_wherever_it_is(committed_db, kind, wait):
    def linger(ctx):
        wait()

    job = start_job(kind(linger, time_limit=0.3), tenant=make_tenant())
    began = time.monotonic()

    work_on_next()

    assert time.monotonic() - began < 5
    with tenant_atomic(job.tenant_id):
        job = Job.objects.get(pk=job.pk)
    assert (job.state, job.attempts) == (JobState.FAILED, 1)
    assert "longer than allowed" in job.error
    assert not JobWakeup.objects.exists()


@pytest.mark.django_db
def test_a_cancelled_job_leaves_the_queue(start):
    (job,) = start("acme")

    cancel_job(job=job)

    assert outbox.take() is None
