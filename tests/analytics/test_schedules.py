"""Reports that come by themselves: claimed once, made as each recipient sees them, and mailed once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import OperationalError

from analytics.models import Schedule, ScheduleRecipient
from analytics.operations import schedules
from analytics.operations.schedules import run_due, run_now, save_schedule
from analytics.tasks.reports import run_schedules
from crm.access.roles import Role
from crm.errors import ScheduleNeedsRecipients
from crm.jobs import run_job
from crm.jobs.models import Job
from crm.tenancy.context import use_tenant
from tests.factories import make_customer, make_member
from tests.factories.sales_documents import make_transaction
from tests.factories.schedules import make_schedule

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
SCHEDULES = "analytics/reports/schedules/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def schedule(in_tenant, manager, owner):
    return make_schedule(manager.membership, owner.membership, due_at=MONDAY)


def jobs_of(schedule: Schedule) -> list[Job]:
    return [job for job in Job.objects.order_by("pk") if job.params["schedule_id"] == schedule.pk]


# -- when it falls due


def test_what_is_due_runs_once_and_gets_its_next_time(in_tenant, schedule, manager, owner):
    assert run_due(tenant=in_tenant, now=MONDAY - timedelta(seconds=1)) == 0
    assert run_due(tenant=in_tenant, now=MONDAY) == 1
    assert run_due(tenant=in_tenant, now=MONDAY) == 0

    schedule.refresh_from_db()
    assert (schedule.last_at, schedule.next_at) == (MONDAY, MONDAY + timedelta(days=7))
    assert {job.user_id for job in jobs_of(schedule)} == {manager.user.pk, owner.user.pk}


def test_after_an_outage_it_runs_once(in_tenant, schedule):
    late = MONDAY + timedelta(days=24)

    assert run_due(tenant=in_tenant, now=late) == 1
    assert run_due(tenant=in_tenant, now=late) == 0
    assert len(jobs_of(schedule)) == 2
    assert Schedule.objects.get().next_at == MONDAY + timedelta(days=28)


def test_paused_one_does_not_run(in_tenant, schedule, manager):
    schedule.is_active = False
    save_schedule(schedule=schedule, recipients=[manager.user.pk], user=manager.user)

    assert Schedule.objects.get().next_at is None
    assert run_due(tenant=in_tenant, now=MONDAY + timedelta(days=365)) == 0


def test_time_is_that_of_the_tenant(in_tenant, manager):
    in_tenant.time_zone = "Asia/Shanghai"
    in_tenant.save()
    new = Schedule(name="Early", report="pipeline", at_time=time(8), tenant=in_tenant)

    save_schedule(schedule=new, recipients=[manager.user.pk], user=manager.user)

    assert (new.next_at.hour, new.next_at.minute) == (0, 0)


def test_who_may_not_see_the_report_any_more_gets_none(in_tenant, schedule, manager, owner):
    owner.membership.roles = [Role.READER]
    owner.membership.save()
    gone = make_member(in_tenant, "gone@acme.example", Role.SALES, is_active=False)
    ScheduleRecipient.objects.create(schedule=schedule, user=gone.user)

    run_due(tenant=in_tenant, now=MONDAY)

    assert [job.user_id for job in jobs_of(schedule)] == [manager.user.pk]


def test_schedule_of_a_report_that_is_gone_keeps_no_other_waiting(in_tenant, schedule, manager):
    make_schedule(manager.membership, due_at=MONDAY - timedelta(days=1), report="gone", name="Gone")

    assert run_due(tenant=in_tenant, now=MONDAY) == 2
    assert len(jobs_of(schedule)) == 2


def test_task_goes_through_all_tenants(tenant, other_tenant, monkeypatch):
    for one in (tenant, other_tenant):
        with use_tenant(one):
            make_schedule(make_member(one, f"{one.slug}@x.example", Role.ADMIN), due_at=MONDAY)
    run, calls = schedules.run_due, []

    def fails_first(**options):
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError
        return run(**options)

    monkeypatch.setattr("analytics.tasks.reports.run_due", fails_first)
    run_schedules()

    with use_tenant(tenant):
        assert not Job.objects.exists()
    with use_tenant(other_tenant):
        assert Job.objects.count() == 1


# -- the mail


@pytest.fixture
def delivered(schedule, in_tenant, owner, colleague, django_capture_on_commit_callbacks):
    """{address: mail}, after the schedule ran and its jobs did their work."""
    mine = make_customer(in_tenant, name="Blue River", owner=owner.user)
    other = make_customer(in_tenant, name="Red Hill", owner=colleague.user)
    last_month = datetime.now(UTC).replace(day=1) - timedelta(days=3)
    make_transaction(mine, in_tenant, amount=12_000, at=last_month)
    make_transaction(other, in_tenant, amount=5_000, at=last_month)

    def deliver() -> dict:
        run_due(tenant=in_tenant, now=MONDAY)
        with django_capture_on_commit_callbacks(execute=True):
            for job in jobs_of(schedule):
                assert run_job(job).state == "succeeded"
        return {message.to[0]: message for message in mail.outbox}

    return deliver


def test_each_recipient_gets_what_they_may_see(delivered, manager, owner):
    owner.user.language = "zh-hans"
    owner.user.save()

    messages = delivered()

    ours, theirs = messages[manager.user.email], messages[owner.user.email]
    assert ours.subject.startswith("Monthly sales · ")
    assert "年" not in ours.subject
    assert "年" in theirs.subject
    assert "Revenue: $120\n" in ours.body
    ((name, content, kind),) = ours.attachments
    assert (name.endswith(".csv"), kind) == (True, "text/csv")
    assert "Blue River" in (content if isinstance(content, str) else content.decode())


def test_mail_goes_once_however_often_the_job_is_begun(delivered, schedule, django_capture_on_commit_callbacks):
    delivered()
    assert len(mail.outbox) == 2

    with django_capture_on_commit_callbacks(execute=True):
        for job in jobs_of(schedule):
            Job.objects.filter(pk=job.pk).update(state="queued")
            run_job(job)

    assert len(mail.outbox) == 2
    assert all(one.mailed_at for one in schedule.recipients.all())


def test_who_was_taken_off_meanwhile_gets_no_mail(in_tenant, schedule, owner, django_capture_on_commit_callbacks):
    run_due(tenant=in_tenant, now=MONDAY)
    schedule.recipients.filter(user=owner.user).delete()

    with django_capture_on_commit_callbacks(execute=True):
        for job in jobs_of(schedule):
            run_job(job)

    assert [message.to for message in mail.outbox] == [["sales-manager@acme.example"]]


def test_file_too_large_for_a_mail_is_linked(delivered, monkeypatch):
    monkeypatch.setattr("analytics.reports.mailing.MOST_ATTACHED", 10)

    for message in delivered().values():
        assert message.attachments == []
        assert "/t/acme/jobs/" in message.body


def test_report_that_cannot_be_made_is_not_mailed(in_tenant, schedule, manager, django_capture_on_commit_callbacks):
    schedule.parameters = {"month": "nonsense"}
    schedule.save()
    run_due(tenant=in_tenant, now=MONDAY)

    with django_capture_on_commit_callbacks(execute=True):
        states = {run_job(job).state for job in jobs_of(schedule)}

    assert (states, mail.outbox) == ({"failed"}, [])
    assert "nonsense" in manager.get(f"{SCHEDULES}{schedule.pk}/").content.decode()


# -- the pages


def sent(*people, **fields) -> dict:
    usual = {
        "report": "monthly_sales",
        "name": "Weekly sales",
        "p_month": "last",
        "format": "pdf",
        "rhythm": "weekly",
        "weekday": "4",
        "day_of_month": "1",
        "at_time": "07:30",
        "is_active": "on",
        "recipients": [str(person.user.pk) for person in people],
    }
    return usual | fields


def test_report_is_chosen_first(in_tenant, manager):
    assert [one.key for one in manager.get(f"{SCHEDULES}new/").context["reports"]] == [
        "monthly_sales",
        "pipeline",
        "service_levels",
        "campaigns",
        "customer_list",
    ]
    assert manager.post(f"{SCHEDULES}new/", {"report": "nothing"}).status_code == 422


def test_schedule_is_set_up(in_tenant, manager, owner):
    form = manager.get(f"{SCHEDULES}new/?report=monthly_sales").context["form"]
    assert (form["name"].value(), form["recipients"].value()) == ("Monthly sales", [str(manager.user.pk)])

    response = manager.post(f"{SCHEDULES}new/", sent(manager, owner))

    schedule = Schedule.objects.get()
    assert response.status_code == 302
    assert (schedule.report, schedule.parameters, schedule.owner) == ("monthly_sales", {"month": "last"}, manager.user)
    assert (schedule.next_at.weekday(), schedule.next_at.hour, schedule.next_at.minute) == (4, 7, 30)
    assert {one.user_id for one in schedule.recipients.all()} == {manager.user.pk, owner.user.pk}
    page = manager.get(f"{SCHEDULES}{schedule.pk}/").content.decode()
    assert "every Friday at 07:30" in page
    assert "Last month" in page


def test_only_those_who_may_see_the_report_can_be_chosen(in_tenant, manager, reader):
    form = manager.get(f"{SCHEDULES}new/?report=monthly_sales").context["form"]
    assert str(reader.user.pk) not in dict(form.fields["recipients"].choices)

    response = manager.post(f"{SCHEDULES}new/", sent(reader))

    assert response.status_code == 422
    assert not Schedule.objects.exists()


def test_schedule_is_changed(in_tenant, schedule, manager, owner, colleague):
    page = manager.get(f"{SCHEDULES}{schedule.pk}/edit/")
    assert page.context["form"]["p_month"].value() == "last"
    data = sent(colleague, rhythm="monthly", day_of_month="15", p_month="this", version=schedule.version)

    response = manager.post(f"{SCHEDULES}{schedule.pk}/edit/", data)

    schedule.refresh_from_db()
    assert response.status_code == 302
    assert (schedule.version, schedule.parameters, schedule.next_at.day) == (2, {"month": "this"}, 15)
    assert [one.user_id for one in schedule.recipients.all()] == [colleague.user.pk]


def test_edit_conflict_is_shown_field_by_field(in_tenant, schedule, manager):
    response = manager.post(f"{SCHEDULES}{schedule.pk}/edit/", sent(manager, p_month="this", version=0))

    assert response.status_code == 409
    assert {one.name for one in response.context["differences"]} >= {"p_month", "weekday"}


def test_schedules_are_their_owners_and_the_administrators(in_tenant, schedule, manager, admin, analyst, owner):
    assert [row.pk for row in admin.get(SCHEDULES).context["rows"].rows] == [schedule.pk]
    assert [row.pk for row in manager.get(SCHEDULES).context["rows"].rows] == [schedule.pk]
    assert analyst.get(SCHEDULES).context["rows"].rows == []
    assert analyst.get(f"{SCHEDULES}{schedule.pk}/").status_code == 404
    assert owner.get(SCHEDULES).status_code == 403


def test_schedule_is_sent_now(in_tenant, schedule, manager):
    response = manager.post(f"{SCHEDULES}{schedule.pk}/run/")

    assert response.status_code == 302
    assert len(jobs_of(schedule)) == 2
    schedule.refresh_from_db()
    assert schedule.next_at == MONDAY


def test_schedule_for_nobody_cannot_be_sent(in_tenant, schedule, manager):
    schedule.recipients.all().delete()

    with pytest.raises(ScheduleNeedsRecipients):
        run_now(schedule=schedule, tenant=in_tenant)
    assert manager.post(f"{SCHEDULES}{schedule.pk}/run/").status_code == 422


def test_schedule_of_a_report_that_is_gone_still_has_its_page(in_tenant, manager):
    gone = make_schedule(manager.membership, report="gone")

    assert manager.get(f"{SCHEDULES}{gone.pk}/").status_code == 200
    assert manager.get(SCHEDULES).status_code == 200
    assert manager.post(f"{SCHEDULES}{gone.pk}/delete/").status_code == 302


@pytest.mark.parametrize("count", [1, 3])
def test_statements_of_the_list(in_tenant, manager, count, django_assert_num_queries):
    for _number in range(count):
        make_schedule(manager.membership)
    manager.get(SCHEDULES)

    with django_assert_num_queries(6):
        manager.get(SCHEDULES)
