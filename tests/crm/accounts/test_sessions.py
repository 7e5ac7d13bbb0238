"""How long a session lives, what it costs, and how it is ended from elsewhere."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crm.accounts.models import Session
from crm.accounts.sessions import SEEN_EVERY, SessionStore
from tests.crm.accounts.cast import NEW_PASSWORD, is_signed_in, log_in, reauthenticate
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("ann@acme.example", name="Ann")


@pytest.fixture
def browser(person):
    client = Client()
    log_in(client, person.email)
    return client


def set_back(**values) -> None:
    now = timezone.now()
    Session.objects.update(**{field: now - back for field, back in values.items()})


def test_a_session_ends_some_time_after_signing_in_however_much_it_is_used(browser):
    (session,) = Session.objects.filter(user__isnull=False)
    assert abs((session.expire_date - timezone.now()).total_seconds() - settings.SESSION_COOKIE_AGE) < 60
    browser.post("/accounts/profile/", {"name": "Ann Lee", "language": "en", "time_zone": ""})

    assert Session.objects.get(pk=session.pk).expire_date == session.expire_date
    set_back(expire_date=timedelta(seconds=1))
    assert not is_signed_in(browser)


def test_a_session_ends_when_it_was_not_used_for_a_while(browser):
    set_back(seen_at=timedelta(seconds=settings.SESSION_IDLE_AGE + 1))

    assert not is_signed_in(browser)


def test_using_a_session_keeps_it(browser):
    for _ in range(3):
        set_back(seen_at=timedelta(seconds=settings.SESSION_IDLE_AGE - 60))
        assert is_signed_in(browser)


def test_being_seen_is_written_down_at_most_every_few_minutes(browser):
    def statements() -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/accounts/profile/")
        return [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]

    assert statements() == []
    set_back(seen_at=SEEN_EVERY)
    assert len(statements()) == 1
    assert statements() == []


def test_looking_at_the_list_of_browsers_keeps_none_of_them_alive(browser, person):
    other = Client()
    log_in(other, person.email)
    long_ago = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_AGE - 60)
    Session.objects.filter(pk=other.cookies["session"].value).update(seen_at=long_ago)

    browser.get("/accounts/sessions/")

    assert Session.objects.get(pk=other.cookies["session"].value).seen_at == long_ago


def test_session_and_person_come_in_one_query_and_the_member_in_another(owner):
    owner.get("settings/members/")

    with CaptureQueriesContext(connection) as queries:
        response = owner.get("settings/members/")

    assert response.status_code == 403
    tables = [query["sql"].split('FROM "')[1].split('"')[0] for query in queries if 'FROM "' in query["sql"]]
    assert tables == ["accounts_session", "tenancy_membership"]


def test_a_visitor_without_a_session_costs_no_query(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get("/accounts/login/")


@pytest.mark.parametrize("key", ["", "x", "a" * 32, "\x00" * 32, "' OR 1=1 --"])
def test_a_key_that_we_did_not_give_is_nobody(key):
    client = Client()
    client.cookies["session"] = key

    assert client.get("/accounts/profile/").status_code == 302


def test_session_data_under_another_persons_row_is_not_believed(browser, person):
    """The row's person is a copy for speed; the signed data decides."""
    other = make_user("bob@acme.example")
    Session.objects.update(user=other)

    page = browser.get("/accounts/profile/")

    assert page.context["user"] == person


def test_all_other_browsers_are_signed_out_at_once(browser, person):
    other = Client()
    log_in(other, person.email, HTTP_USER_AGENT="Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Firefox/130.0")
    page = browser.get("/accounts/sessions/").content.decode()
    assert "Firefox on Linux" in page

    browser.post("/accounts/sessions/")

    assert is_signed_in(browser)
    assert not is_signed_in(other)


def test_nobody_sees_or_ends_another_persons_sessions(browser):
    bob = Client()
    log_in(bob, make_user("bob@acme.example").email)

    page = browser.get("/accounts/sessions/")
    browser.post("/accounts/sessions/")

    assert [session.user.email for session in page.context["sessions"]] == ["ann@acme.example"]
    assert is_signed_in(bob)


def test_a_new_password_signs_out_every_other_browser(browser, person):
    other = Client()
    log_in(other, person.email)

    response = browser.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert response.status_code == 302
    assert is_signed_in(browser)
    assert not is_signed_in(other)


def test_changing_the_password_takes_a_new_session_key(browser):
    before = browser.cookies["session"].value
    reauthenticate(browser)

    browser.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )

    assert browser.cookies["session"].value != before


def test_what_has_ended_is_cleared_and_what_lives_stays(browser):
    SessionStore().create()
    ended = SessionStore()
    ended.create()
    Session.objects.filter(pk=ended.session_key).update(expire_date=timezone.now())
    idle = SessionStore()
    idle.create()
    Session.objects.filter(pk=idle.session_key).update(seen_at=timezone.now() - timedelta(days=1))

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

    assert Session.objects.count() == 2
    assert not Session.objects.filter(pk__in=[ended.session_key, idle.session_key]).exists()


def test_a_session_that_was_ended_meanwhile_is_not_written_again(browser):
    store = SessionStore(browser.cookies["session"].value)
    store["note"] = 1
    Session.objects.all().delete()

    from django.contrib.sessions.backends.base import UpdateError

    with pytest.raises(UpdateError):
        store.save()
    assert not Session.objects.exists()
