"""An attempt, from claim to ending. Every test runs inside one transaction, so there is no heartbeat here."""

import pytest
from django.db import transaction
from django.utils import timezone

from crm.errors import CrmError, JobLeaseLost
from crm.jobs import run_job, start_job
from crm.jobs.choices import JobState
from crm.jobs.leases import claim
from crm.jobs.models import Job, JobWakeup
from crm.tenancy.context import current_tenant_id, current_user_id_or_none

pytestmark = pytest.mark.django_db


def test_a_job_runs_in_the_tenant_as_the_person_in_their_language(in_tenant, owner, kind):
    owner.user.language = "zh-hans"
    owner.user.save()
    seen = {}

    def look(ctx, *, word):
        from django.utils.translation import get_language

        seen.update(tenant=current_tenant_id(), user=current_user_id_or_none(), word=word, language=get_language())
        assert ctx.membership == owner.membership

    job = run_job(start_job(kind(look), tenant=in_tenant, user=owner.user, params={"word": "你好"}))

    assert job.state == JobState.SUCCEEDED
    assert seen == {"tenant": in_tenant.pk, "user": owner.user.pk, "word": "你好", "language": "zh-hans"}


def test_progress_and_result_are_kept(in_tenant, owner, kind, tmp_path):
    def build(ctx):
        ctx.progress(1, 4, "Reading")
        ctx.progress(4, 4, "Done reading")
        (tmp_path / "x.csv").write_text("name\n张三\n")
        ctx.attach_result(tmp_path / "x.csv", "客户.csv")

    job = run_job(start_job(kind(build), tenant=in_tenant, user=owner.user))

    assert (job.state, job.done, job.total, job.percent, job.message) == ("succeeded", 4, 4, 100, "Done reading")
    assert (job.result.name, job.result.content_type, job.result.size) == ("客户.csv", "text/csv", 12)
    assert job.result.open().read().decode() == "name\n张三\n"
    assert not JobWakeup.objects.exists()


def test_a_refusal_fails_the_job_with_its_words_and_is_not_repeated(in_tenant, kind):
    def refuse(ctx):
        raise CrmError("The file is empty.")

    job = run_job(start_job(kind(refuse), tenant=in_tenant))

    assert (job.state, job.error, job.attempts) == ("failed", "The file is empty.", 1)
    assert not JobWakeup.objects.exists()


def test_a_fault_is_repeated_from_the_checkpoint_and_in_the_end_given_up(in_tenant, kind):
    begun_at = []

    def count(ctx):
        begun_at.append(ctx.checkpoint.get("row", 0))
        ctx.checkpoint["row"] = begun_at[-1] + 10
        with transaction.atomic():
            ctx.save_checkpoint()
        raise ValueError("138 0000 0000")

    job = start_job(kind(count, max_attempts=3), tenant=in_tenant)
    states = []
    for _attempt in range(4):
        job = run_job(job)
        states.append(job.state)

    assert begun_at == [0, 10, 20]
    assert states == ["queued", "queued", "dead", "dead"]
    assert job.error and "ValueError" in job.error_detail and "in count" in job.error_detail
    assert "138" not in job.error + job.error_detail
    assert not JobWakeup.objects.exists()


def test_an_attempt_that_lost_its_lease_writes_nothing(in_tenant, kind):
    def outlived(ctx):
        Job.objects.filter(pk=ctx.job_id).update(attempts=7)
        ctx.checkpoint["row"] = 5
        with pytest.raises(JobLeaseLost), transaction.atomic():
            ctx.save_checkpoint()
        ctx.progress(3, 10)

    job = run_job(start_job(kind(outlived), tenant=in_tenant))

    assert (job.state, job.checkpoint, job.done, job.attempts) == ("running", {}, 0, 7)


def test_a_job_is_claimed_once(in_tenant, kind):
    def nothing(ctx): ...

    job = start_job(kind(nothing), tenant=in_tenant)

    assert claim(job.pk).attempts == 1
    assert claim(job.pk) is None


def test_a_job_that_steps_aside_goes_on_later_and_loses_no_attempt(in_tenant, kind, messages):
    begun_at = []

    def take_turns(ctx):
        begun_at.append(ctx.checkpoint.get("next", 0))
        with transaction.atomic():
            ctx.checkpoint["next"] = begun_at[-1] + 1
            ctx.save_checkpoint()
        if len(begun_at) < 4:
            ctx.put_off()

    job = start_job(kind(take_turns, max_attempts=1), tenant=in_tenant)
    for _ in range(3):
        job = run_job(job)
        assert (job.state, job.error) == ("queued", "")
        assert JobWakeup.objects.get(job_id=job.pk).ready_at <= timezone.now()

    assert run_job(job).state == "succeeded"
    assert begun_at == [0, 1, 2, 3]


def test_a_job_may_wait_for_what_it_needs(in_tenant, kind, messages):
    job = run_job(start_job(kind(lambda ctx: ctx.put_off(60)), tenant=in_tenant))

    assert job.state == "queued"
    assert (job.next_attempt_at - timezone.now()).total_seconds() == pytest.approx(60, abs=3)
