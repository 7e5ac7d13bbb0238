import io
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from crm.celery import TenantTask, app
from crm.errors import NoTenant
from crm.files.models import StoredFile
from crm.files.operations import store_file
from crm.jobs import health, start_job, tasks
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.tenancy.context import current_tenant_id, use_tenant

pytestmark = pytest.mark.django_db


def nothing(ctx): ...


def test_jobs_that_ended_long_ago_go_with_their_results_and_others_stay(in_tenant, kind, settings):
    name = kind(nothing)
    long_ago = timezone.now() - timedelta(days=settings.JOB_KEEP_DAYS + 1)
    old, recent, waiting = (start_job(name, tenant=in_tenant, title=title) for title in ("old", "recent", "waiting"))
    result = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="x")
    Job.objects.filter(pk=old.pk).update(state=JobState.SUCCEEDED, finished_at=long_ago, result=result)
    Job.objects.filter(pk=recent.pk).update(state=JobState.DEAD, finished_at=timezone.now())
    Job.objects.filter(pk=waiting.pk).update(created_at=long_ago)

    tasks.clean_tenant(tenant_id=in_tenant.pk)

    assert {job.title for job in Job.objects.all()} == {"recent", "waiting"}
    assert not StoredFile.objects.exists()


def test_a_result_past_its_time_goes_and_the_job_stays(in_tenant, kind):
    job = start_job(kind(nothing), tenant=in_tenant)
    result = store_file(tenant=in_tenant, source=io.BytesIO(b"x"), name="x", keep_for=timedelta(seconds=-1))
    Job.objects.filter(pk=job.pk).update(state=JobState.SUCCEEDED, finished_at=timezone.now(), result=result)

    tasks.clean_tenant(tenant_id=in_tenant.pk)

    assert Job.objects.get(pk=job.pk).result is None
    assert not StoredFile.objects.exists()


def test_cleaning_one_tenant_leaves_the_others_alone(tenant, other_tenant):
    with use_tenant(other_tenant):
        store_file(tenant=other_tenant, source=io.BytesIO(b"x"), name="x", keep_for=timedelta(seconds=-1))

    tasks.clean_tenant(tenant_id=tenant.pk)

    with use_tenant(other_tenant):
        assert StoredFile.objects.count() == 1


def test_each_tenant_is_cleaned_by_a_task_of_its_own(tenant, other_tenant, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks.clean_tenant, "delay", lambda tenant_id: asked.append(tenant_id))

    tasks.clean_up()

    assert sorted(asked) == sorted([tenant.pk, other_tenant.pk])


@pytest.fixture
def task():
    """`task(function)`: the function as a task of a tenant, taken off the application afterwards."""
    names = []

    def declare(function):
        made = app.task(name=f"tests.{function.__name__}", base=TenantTask)(function)
        names.append(made.name)
        return made

    yield declare
    for name in names:
        app.tasks.pop(name, None)


def test_a_task_runs_in_its_tenant(tenant, task):
    def say(word):
        return current_tenant_id(), word

    assert task(say)("hello", tenant_id=tenant.pk) == (tenant.pk, "hello")
    with pytest.raises(NoTenant):
        current_tenant_id()


def test_a_task_does_not_run_without_a_tenant(task):
    def say():
        return "hello"

    with pytest.raises(TypeError, match="tenant_id"):
        task(say)()


def test_a_fault_that_passes_by_itself_is_repeated(tenant, task, monkeypatch):
    def lose_the_database():
        raise OperationalError

    made = task(lose_the_database)
    again = []
    monkeypatch.setattr(made, "retry", lambda exc, countdown: again.append(countdown) or exc)

    with pytest.raises(OperationalError):
        made(tenant_id=tenant.pk)
    assert again == [5]


def test_messages_are_json_and_nothing_else():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.task_acks_late and app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1


def test_health_counts_without_saying_whose(tenant, other_tenant, kind):
    name = kind(nothing)
    for one in (tenant, other_tenant):
        with use_tenant(one):
            start_job(name, tenant=one)

    assert health.unfinished_by_kind() == {name: 2}
    assert health.most_overdue() is None
