"""Follow-ups and tasks: logged once, corrected, done, and in the person's time zone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from customers.choices import ActivityKind
from customers.models import Activity
from tests.factories import make_activity, make_contact, make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant, owner):
    return make_customer(in_tenant, name="Blue River Ltd", owner=owner.user)


def test_a_follow_up_shows_on_the_timeline_and_moves_the_next_contact(owner, customer):
    day = timezone.localdate() + timedelta(days=7)

    response = owner.post(
        f"customers/{customer.pk}/follow-up/",
        {"kind": "call", "text": "Wants 200 pieces.", "next_contact_on": day.isoformat()},
        follow=True,
    )

    assert "Wants 200 pieces." in response.content.decode()
    customer.refresh_from_db()
    assert customer.next_contact_on == day


def test_a_follow_up_that_is_sent_twice_is_logged_once(owner, customer):
    token = owner.get(f"customers/{customer.pk}/").context["once"]
    data = {"kind": "call", "text": "Wants 200 pieces.", "once": token}

    first, second = (owner.post(f"customers/{customer.pk}/follow-up/", data) for _click in range(2))

    assert first["Location"] == second["Location"] == f"/t/acme/customers/{customer.pk}/"
    assert Activity.objects.count() == 1
    # The same words on another day are another follow-up.
    owner.post(
        f"customers/{customer.pk}/follow-up/", data | {"once": owner.get(f"customers/{customer.pk}/").context["once"]}
    )
    assert Activity.objects.count() == 2


def test_a_refused_follow_up_is_logged_once_it_is_corrected(owner, customer):
    token = owner.get(f"customers/{customer.pk}/").context["once"]
    refused = owner.post(f"customers/{customer.pk}/follow-up/", {"kind": "call", "text": "", "once": token})
    assert f'name="once" value="{token}"' in refused.content.decode()

    owner.post(f"customers/{customer.pk}/follow-up/", {"kind": "call", "text": "Now with words", "once": token})

    assert Activity.objects.get().text == "Now with words"


def test_a_refused_follow_up_keeps_what_was_typed(owner, customer):
    response = owner.post(f"customers/{customer.pk}/follow-up/", {"kind": "task", "text": "Send the samples"})

    assert response.status_code == 422
    page = response.content.decode()
    assert "Send the samples" in page
    assert "until when" in page
    assert not Activity.objects.exists()


@pytest.mark.parametrize(("planned", "status"), [("2026-03-02", 422), ("2026-03-03", 302), ("2026-03-04", 302)])
def test_the_next_contact_does_not_lie_before_the_day_of_this_one(owner, customer, planned, status):
    owner.user.time_zone = "Asia/Shanghai"
    owner.user.save()
    # Past midnight in Shanghai, and the second of March elsewhere.
    sent = {"kind": "call", "text": "Spoke late", "at": "2026-03-03T00:30", "next_contact_on": planned}

    assert owner.post(f"customers/{customer.pk}/follow-up/", sent).status_code == status


def test_what_has_not_happened_is_a_task(owner, customer):
    tomorrow = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")

    response = owner.post(
        f"customers/{customer.pk}/follow-up/", {"kind": "visit", "text": "Will go there", "at": tomorrow}
    )

    assert response.status_code == 422


def test_a_contact_of_another_customer_is_not_offered(owner, customer, in_tenant):
    other = make_contact(make_customer(in_tenant, name="Other", owner=owner.user))

    response = owner.post(
        f"customers/{customer.pk}/follow-up/", {"kind": "call", "text": "Talked", "contact": other.pk}
    )

    assert response.status_code == 422


def test_a_follow_up_that_is_deleted_does_not_count_any_more(manager, in_tenant):
    customer = make_customer(in_tenant, owner=manager.user)
    manager.post(f"customers/{customer.pk}/follow-up/", {"kind": "call", "text": "Wrong customer."})
    activity = Activity.objects.get()
    customer.refresh_from_db()
    assert customer.last_contact_at == activity.at

    manager.post(f"activities/{activity.pk}/delete/")

    customer.refresh_from_db()
    assert customer.last_contact_at is None


def moment_form(activity, shown, **changes):
    return {
        "customer": activity.customer_id,
        "kind": "call",
        "text": activity.text,
        "at": shown,
        "version": activity.version,
        **changes,
    }


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 3, 2, 10, 30, 45, 123456, tzinfo=UTC), "2026-03-02T11:30"),
        # Half past two came twice that night; this is the second one.
        (datetime(2025, 10, 26, 1, 30, tzinfo=UTC), "2025-10-26T02:30"),
    ],
)
def test_a_moment_that_nobody_touched_stays_as_it_is(owner, customer, at, shown):
    owner.user.time_zone = "Europe/Berlin"
    owner.user.save()
    activity = make_activity(customer, author=owner.user, at=at)
    assert f'value="{shown}"' in owner.get(f"activities/{activity.pk}/edit/").content.decode()

    owner.post(f"activities/{activity.pk}/edit/", moment_form(activity, shown, text="Told otherwise."))

    activity.refresh_from_db()
    assert (activity.text, activity.at) == ("Told otherwise.", at)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "0026-03-02T10:30", "9999-12-31T23:59"])
def test_a_moment_that_no_page_could_show_is_refused(owner, customer, at):
    owner.user.time_zone = "Asia/Shanghai"
    owner.user.save()

    for data in ({"kind": "task", "due_on": "2026-03-02"}, {"kind": "call"}):
        response = owner.post(f"customers/{customer.pk}/follow-up/", {"text": "Long ago", "at": at, **data})

        assert response.status_code == 422
        assert "The year must lie between 1900 and 2999." in response.content.decode()
    assert owner.get(f"customers/{customer.pk}/").status_code == 200


def test_a_task_is_done_by_one_press(owner, customer):
    task = make_activity(customer, kind=ActivityKind.TASK, author=owner.user, due_on=timezone.localdate())

    owner.post(f"activities/{task.pk}/complete/")
    again = owner.post(f"activities/{task.pk}/complete/")

    task.refresh_from_db()
    assert task.done_at
    assert "done already" in again.content.decode()


def test_only_an_open_task_can_be_marked_as_done(owner, customer):
    def verbs(activity):
        page = owner.get(f"activities/{activity.pk}/").context["page"]
        return [button.url.rstrip("/").rpartition("/")[2] for button in page.shown_buttons()]

    call = make_activity(customer, author=owner.user)
    task = make_activity(customer, kind=ActivityKind.TASK, author=owner.user)
    done = make_activity(customer, kind=ActivityKind.TASK, author=owner.user, done_at=timezone.now())

    assert ["complete" in verbs(each) for each in (call, task, done)] == [False, True, False]
