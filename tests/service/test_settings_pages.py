"""What a support lead sets: queues, working hours, special days, promises."""

from datetime import date

import pytest

from crm.jobs.models import Job
from service.models import BusinessCalendar, Queue, SlaPolicy, SpecialDay
from tests.factories.service import WEEKDAYS, make_queue, make_ticket

pytestmark = pytest.mark.django_db

LIST_QUERIES = 6


def calendar_fields(**changes):
    return {"name": "Shifts", "time_zone": "Europe/Berlin", "monday": "", **changes}


@pytest.mark.parametrize("kind", ["queues", "calendars", "sla-policies", "special-days"])
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_state_the_same_few_queries(lead, queue, kind, rows, django_assert_num_queries):
    for number in range(rows):
        make_queue(name=f"Queue {number}")
        SpecialDay.objects.create(
            calendar=queue.calendar, name=f"Day {number}", first_on=date(2026, 1, 1), last_on=date(2026, 1, 1)
        )
    lead.get(f"service/{kind}/")

    with django_assert_num_queries(LIST_QUERIES):
        lead.get(f"service/{kind}/")


def test_working_hours_are_typed_as_one_likes_and_kept_one_way(lead, in_tenant):
    lead.post(
        "service/calendars/new/", calendar_fields(monday="9-12; 13：00 至 18:00", saturday="10:00 - 14:00", friday="")
    )

    calendar = BusinessCalendar.objects.get()
    assert (calendar.monday, calendar.friday, calendar.saturday) == ("09:00-12:00, 13:00-18:00", "", "10:00-14:00")


def test_new_calendar_begins_in_the_time_zone_of_the_tenant(lead, in_tenant):
    assert lead.get("service/calendars/new/").context["form"]["time_zone"].value() == in_tenant.time_zone


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("all day", "names no working hours"),
        ("18:00-09:00", "ends before it begins"),
        ("09:00-13:00, 12:00-18:00", "begins before the one before it has ended"),
    ],
)
def test_hours_that_make_no_sense_are_refused_in_words_and_kept(lead, in_tenant, hours, words):
    answer = lead.post("service/calendars/new/", calendar_fields(monday=hours))

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page and hours in page
    assert not BusinessCalendar.objects.exists()


def test_a_time_zone_is_one_that_exists(lead, in_tenant):
    assert lead.post("service/calendars/new/", calendar_fields(time_zone="Mars/Olympus")).status_code == 422


def test_other_hours_have_open_tickets_computed_anew(lead, queue):
    make_ticket(queue=queue)
    calendar = queue.calendar
    fields = {"name": calendar.name, "time_zone": "UTC", **dict.fromkeys(WEEKDAYS, "10:00-16:00"), "version": 1}

    lead.post(f"service/calendars/{calendar.pk}/edit/", fields)

    assert Job.objects.get().params == {"queue_ids": [queue.pk], "whole": False}


def test_without_open_tickets_there_is_nothing_to_compute(lead, queue):
    fields = {"name": "Office", "time_zone": "UTC", "monday": "10:00-16:00", "version": 1}

    lead.post(f"service/calendars/{queue.calendar_id}/edit/", fields)

    assert BusinessCalendar.objects.get().monday == "10:00-16:00"
    assert not Job.objects.exists()


def test_a_special_day_is_one_day_when_no_last_one_is_given(lead, queue):
    answer = lead.post(
        "service/special-days/new/", {"name": "Fair", "calendar": queue.calendar_id, "first_on": "2026-12-24"}
    )

    day = SpecialDay.objects.get()
    assert answer.url.endswith(f"/service/calendars/{queue.calendar_id}/")
    assert (day.first_on, day.last_on, day.hours) == (date(2026, 12, 24), date(2026, 12, 24), "")


@pytest.mark.parametrize(
    ("last", "words"),
    [("2026-12-23", "lies before the first one"), ("2028-12-24", "a year at most")],
)
def test_a_special_day_lasts_from_its_first_day_to_its_last(lead, queue, last, words):
    answer = lead.post(
        "service/special-days/new/",
        {"name": "Fair", "calendar": queue.calendar_id, "first_on": "2026-12-24", "last_on": last},
    )

    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_a_special_day_is_deleted_and_leads_back_to_its_calendar(lead, queue):
    day = SpecialDay.objects.create(
        calendar=queue.calendar, name="Fair", first_on=date(2026, 12, 24), last_on=date(2026, 12, 24)
    )

    answer = lead.post(f"service/special-days/{day.pk}/delete/")

    assert answer.url.endswith(f"/service/calendars/{queue.calendar_id}/")
    assert not SpecialDay.objects.exists()


def test_a_calendars_page_shows_the_days_to_come(lead, queue):
    for name, year in (("Past fair", 2020), ("Coming fair", 2099)):
        SpecialDay.objects.create(
            calendar=queue.calendar, name=name, first_on=date(year, 5, 1), last_on=date(year, 5, 3)
        )

    page = lead.get(f"service/calendars/{queue.calendar_id}/").content.decode()

    assert "Coming fair" in page and "Past fair" not in page


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("4h", 240), ("1h 30m", 90), ("1:30", 90), ("45", 45), ("2 小时 15 分钟", 135), ("0.5h", 30), ("", None)],
)
def test_promises_are_typed_as_spans_of_time(lead, in_tenant, typed, minutes):
    lead.post("service/sla-policies/new/", {"name": "Fast", "urgent_first_reply": typed})

    assert SlaPolicy.objects.get().urgent_first_reply == minutes


@pytest.mark.parametrize("typed", ["soon", "2d", "0", "-5", "99999999999"])
def test_promises_that_are_none_are_refused(lead, in_tenant, typed):
    answer = lead.post("service/sla-policies/new/", {"name": "Fast", "urgent_first_reply": typed})

    assert answer.status_code == 422
    assert not SlaPolicy.objects.exists()


def test_a_promise_is_shown_to_edit_as_it_was_typed(lead, queue):
    page = lead.get(f"service/sla-policies/{queue.policy_id}/edit/").content.decode()

    assert 'value="2h"' in page and 'value="30m"' in page


def test_a_queue_gets_team_calendar_and_policy(lead, queue, teams):
    lead.post(
        "service/queues/new/",
        {
            "name": "Returns",
            "team": teams["north"].pk,
            "calendar": queue.calendar_id,
            "policy": "",
            "close_after_days": "",
        },
    )

    made = Queue.objects.get(name="Returns")
    assert (made.team, made.calendar, made.policy, made.close_after_days) == (
        teams["north"],
        queue.calendar,
        None,
        None,
    )


def test_there_is_one_queue_for_tickets_without_one(lead, queue):
    lead.post("service/queues/new/", {"name": "Front desk", "calendar": queue.calendar_id, "is_default": "on"})

    assert list(Queue.objects.filter(is_default=True).values_list("name", flat=True)) == ["Front desk"]


def test_solved_tickets_too_are_computed_anew_when_asked(lead, queue):
    make_ticket(queue=queue)

    answer = lead.post(f"service/queues/{queue.pk}/settle/", {"whole": "on"})

    job = Job.objects.get()
    assert job.params["whole"] is True
    assert answer.url.endswith(f"/jobs/{job.pk}/")


def test_a_team_that_is_dissolved_leaves_its_queue_to_everybody(admin, queue, teams):
    Queue.objects.filter(pk=queue.pk).update(team=teams["north"])

    admin.post(f"settings/teams/{teams['north'].pk}/delete/")

    assert Queue.objects.get().team is None


@pytest.mark.parametrize("kind", ["queues", "calendars", "sla-policies", "special-days"])
def test_agents_may_look_and_not_set(agent, queue, kind):
    assert agent.get(f"service/{kind}/").status_code == 200
    assert agent.get(f"service/{kind}/new/").status_code == 403
