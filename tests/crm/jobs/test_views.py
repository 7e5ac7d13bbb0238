import pytest
from django.utils import timezone

from crm.files.operations import store_file
from crm.jobs import run_job, start_job
from crm.jobs.choices import JobState
from crm.jobs.models import Job, JobWakeup
from crm.tenancy.context import use_tenant

pytestmark = pytest.mark.django_db


def nothing(ctx): ...


def stop_at_row_seven(ctx):
    ctx.progress(7, 20, "Row 7")
    raise ValueError


@pytest.fixture
def job_of(tenant, kind):
    """`job_of(member, title)`: a waiting job of that person."""
    name = kind(nothing)

    def make(member, title="Export of customers") -> Job:
        with use_tenant(tenant):
            return start_job(name, tenant=tenant, user=member and member.user, title=title)

    return make


def change(job: Job, **values) -> None:
    with use_tenant(job.tenant_id):
        Job.objects.filter(pk=job.pk).update(**values)


def reread(job: Job) -> Job:
    with use_tenant(job.tenant_id):
        return Job.objects.get(pk=job.pk)


def titles(response) -> list[str]:
    return [str(row) for row in response.context["rows"].rows]


def test_a_person_sees_own_jobs_and_an_administrator_all(job_of, owner, colleague, admin):
    job_of(owner, "Mine")
    job_of(colleague, "Theirs")
    job_of(None, "Nightly")

    assert titles(owner.get("jobs/")) == ["Mine"]
    assert titles(admin.get("jobs/")) == ["Nightly", "Theirs", "Mine"]


@pytest.mark.parametrize("page", ["", "progress/", "result/", "cancel/", "retry/"])
def test_a_colleagues_job_is_not_found(job_of, owner, colleague, page):
    job = job_of(colleague)

    assert owner.get(f"jobs/{job.pk}/{page}").status_code == 404


@pytest.mark.parametrize("verb", ["cancel", "retry"])
def test_a_colleagues_job_cannot_be_handled(job_of, owner, colleague, verb):
    job = job_of(colleague)

    assert owner.post(f"jobs/{job.pk}/{verb}/").status_code == 404
    assert reread(job).state == JobState.QUEUED


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_asks_the_same_few_questions_at_any_length(job_of, owner, rows, django_assert_num_queries):
    for number in range(rows):
        job_of(owner, f"Job {number}")
    owner.get("jobs/")

    with django_assert_num_queries(6):
        owner.get("jobs/")


def test_the_progress_of_a_running_job_is_asked_for_again(job_of, owner):
    job = job_of(owner)
    change(job, state=JobState.RUNNING, done=7, total=20, message="Row 7")

    body = owner.get(f"jobs/{job.pk}/progress/").content.decode()

    assert 'hx-trigger="every' in body
    assert 'value="35"' in body
    assert "7 of 20" in body and "Row 7" in body


def test_an_ended_job_is_not_asked_for_again(job_of, owner):
    job = job_of(owner)
    change(job, state=JobState.FAILED, error="The file is empty.", finished_at=timezone.now())

    body = owner.get(f"jobs/{job.pk}/progress/").content.decode()

    assert "hx-trigger" not in body
    assert "The file is empty." in body and "Try again" in body


def test_without_scripts_one_can_refresh_while_the_job_runs(job_of, owner):
    job = job_of(owner)
    assert "Refresh the progress" in owner.get(f"jobs/{job.pk}/").content.decode()

    change(job, state=JobState.SUCCEEDED)
    assert "Refresh the progress" not in owner.get(f"jobs/{job.pk}/").content.decode()


def test_cancelling_a_waiting_job_ends_it(job_of, owner):
    job = job_of(owner)

    response = owner.post(f"jobs/{job.pk}/cancel/")

    assert response.url.endswith(f"/jobs/{job.pk}/")
    assert reread(job).state == JobState.CANCELLED
    assert not JobWakeup.objects.exists()


def test_cancelling_an_ended_job_says_so(job_of, owner):
    job = job_of(owner)
    change(job, state=JobState.SUCCEEDED)

    response = owner.post(f"jobs/{job.pk}/cancel/")

    assert response.status_code == 422
    assert "already ended" in response.content.decode()


def test_trying_again_goes_on_from_the_checkpoint(job_of, owner):
    job = job_of(owner)
    change(job, state=JobState.DEAD, attempts=5, checkpoint={"row": 70}, error="No.", finished_at=timezone.now())
    JobWakeup.objects.all().delete()

    owner.post(f"jobs/{job.pk}/retry/")

    job = reread(job)
    assert (job.state, job.checkpoint, job.error, job.finished_at) == ("queued", {"row": 70}, "", None)
    assert job.max_attempts == 10
    assert JobWakeup.objects.filter(job_id=job.pk).count() == 1


def test_a_job_of_a_kind_that_is_no_more_cannot_be_tried_again(job_of, owner):
    job = job_of(owner)
    change(job, kind="gone.kind", state=JobState.FAILED, error="No.")

    assert "Try again" not in owner.get(f"jobs/{job.pk}/").content.decode()
    assert owner.post(f"jobs/{job.pk}/retry/").status_code == 422
    assert reread(job).state == JobState.FAILED


def test_the_result_is_downloaded_under_its_name(tenant, job_of, owner, tmp_path):
    job = job_of(owner)
    (tmp_path / "x").write_bytes(b"name\n")
    with use_tenant(tenant):
        file = store_file(tenant=tenant, source=tmp_path / "x", name="客户.csv", user=owner.user)
    change(job, state=JobState.SUCCEEDED, result=file)

    response = owner.get(f"jobs/{job.pk}/result/")

    assert b"".join(response.streaming_content) == b"name\n"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%E5%AE%A2%E6%88%B7.csv"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_where_a_fault_happened_is_for_administrators(tenant, kind, owner, admin):
    name = kind(stop_at_row_seven, max_attempts=1)
    with use_tenant(tenant):
        job = run_job(start_job(name, tenant=tenant, user=owner.user))

    assert "ValueError" in admin.get(f"jobs/{job.pk}/").content.decode()
    assert "ValueError" not in owner.get(f"jobs/{job.pk}/").content.decode()
