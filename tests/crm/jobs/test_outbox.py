"""The promise to wake a worker: kept in the job's transaction, and swept for all tenants."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from crm.jobs import broker, cancel_job, outbox, run_job, start_job
from crm.jobs.models import JobWakeup
from crm.tenancy.context import use_tenant
from tests.factories import make_tenant

pytestmark = pytest.mark.django_db


def nothing(ctx): ...


def fail(ctx):
    raise ValueError


@pytest.fixture
def none_waiting(monkeypatch):
    monkeypatch.setattr(broker, "waiting", lambda: 0)


def make_due() -> None:
    JobWakeup.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def seconds_until_due(job) -> float:
    return (JobWakeup.objects.get(job_id=job.pk).due_at - timezone.now()).total_seconds()


def test_a_job_that_is_rolled_back_is_not_promised(in_tenant, kind, messages, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        start_job(kind(nothing), tenant=in_tenant)
        raise ZeroDivisionError

    assert messages == []
    assert not JobWakeup.objects.exists()


def test_a_worker_is_woken_on_commit(in_tenant, kind, messages, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        start_job(kind(nothing), tenant=in_tenant)
        assert messages == []

    assert len(messages) == 1


def test_a_job_for_this_process_wakes_no_worker(in_tenant, kind, messages, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = start_job(kind(nothing), tenant=in_tenant, wake=False)

    assert messages == []
    assert seconds_until_due(job) == pytest.approx(30, abs=2)


def test_the_sweeper_wakes_what_is_due_of_every_tenant(kind, messages, none_waiting):
    name = kind(nothing)
    for slug in ("one", "two"):
        tenant = make_tenant(slug)
        with use_tenant(tenant):
            start_job(name, tenant=tenant)
    make_due()

    assert outbox.sweep() == 2

    assert len(messages) == 2


def test_what_was_just_woken_is_left_in_peace(in_tenant, kind, messages, none_waiting):
    start_job(kind(nothing), tenant=in_tenant)
    make_due()

    assert [outbox.sweep(), outbox.sweep()] == [1, 0]


def test_nothing_is_added_to_a_long_queue(in_tenant, kind, messages, monkeypatch, settings):
    settings.JOB_MOST_WAITING = 10
    for _number in range(3):
        start_job(kind(nothing), tenant=in_tenant)
    make_due()

    monkeypatch.setattr(broker, "waiting", lambda: 9)
    assert outbox.sweep() == 1
    monkeypatch.setattr(broker, "waiting", lambda: 12)
    assert outbox.sweep() == 0


def test_without_a_broker_everything_stays_due(in_tenant, kind, messages, monkeypatch):
    start_job(kind(nothing), tenant=in_tenant)
    make_due()
    monkeypatch.setattr(broker, "waiting", lambda: None)

    assert outbox.sweep() == 0
    assert JobWakeup.objects.due().count() == 1


def test_a_failed_attempt_is_repeated_later_and_later(in_tenant, kind, messages):
    job = start_job(kind(fail, max_attempts=4, backoff=10), tenant=in_tenant)

    waits = []
    for _attempt in range(3):
        job = run_job(job)
        waits.append(seconds_until_due(job))

    for wait, expected in zip(waits, (10, 20, 40), strict=True):
        assert 0.7 * expected < wait < 1.3 * expected


@pytest.mark.parametrize("end", [run_job, lambda job: cancel_job(job=job)], ids=["done", "cancelled"])
def test_an_ended_job_is_forgotten(in_tenant, kind, messages, end):
    end(start_job(kind(nothing), tenant=in_tenant))

    assert not JobWakeup.objects.exists()


def test_an_unknown_kind_is_refused_where_it_is_started(in_tenant):
    with pytest.raises(KeyError):
        start_job("tests.unheard_of", tenant=in_tenant)


def test_a_job_with_a_time_is_not_begun_before(
    in_tenant, kind, messages, none_waiting, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = start_job(kind(nothing), tenant=in_tenant, at=timezone.now() + timedelta(hours=1))

    assert messages == []
    assert outbox.take() is None
    assert outbox.sweep() == 0
    assert seconds_until_due(job) == pytest.approx(3600, abs=2)


def test_a_job_whose_time_has_come_is_swept_up_and_begun(in_tenant, kind, messages, none_waiting):
    job = start_job(kind(nothing), tenant=in_tenant, at=timezone.now() - timedelta(seconds=1))

    assert outbox.sweep() == 1
    assert len(messages) == 1
    assert outbox.take() == (in_tenant.pk, job.pk)
