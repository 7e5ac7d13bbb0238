"""The person's language and time zone win; the switch stays with person and browser."""

import pytest
from django.conf import settings as django_settings
from django.test import Client

from crm.accounts.models import User
from tests.crm.accounts.cast import log_in
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PROFILE, LOGIN = "/accounts/profile/", "/accounts/login/"


@pytest.fixture
def person():
    return make_user("ann@acme.example", name="Ann", language="en")


@pytest.fixture
def browser(person):
    client = Client()
    log_in(client, person.email)
    return client


def language_of(response) -> str:
    assert f'<html lang="{response["Content-Language"]}"' in response.content.decode()
    return response["Content-Language"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_persons_language_wins_over_browser_and_cookie(person, browser, language):
    User.objects.update(language=language)
    browser.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en" if language == "zh-hans" else "zh-hans"

    page = browser.get(PROFILE, headers={"accept-language": "en, zh;q=0.1" if language == "zh-hans" else "zh"})

    assert language_of(page) == language


@pytest.mark.parametrize(
    ("asked", "language"),
    [("zh-CN,zh;q=0.9", "zh-hans"), ("zh", "zh-hans"), ("en-GB,en", "en"), ("fr", "zh-hans"), ("", "zh-hans")],
)
def test_a_visitor_gets_the_browsers_language_else_the_products(client, asked, language):
    assert language_of(client.get(LOGIN, headers={"accept-language": asked})) == language


def test_a_visitors_cookie_wins_over_the_browser(client):
    client.post("/preferences/", {"language": "en", "next": LOGIN})

    assert language_of(client.get(LOGIN, headers={"accept-language": "zh"})) == "en"


def test_switching_is_kept_with_the_person_and_in_the_browser(person, browser):
    browser.post("/preferences/", {"language": "zh-hans", "next": PROFILE})

    assert User.objects.get().language == "zh-hans"
    assert language_of(browser.get(PROFILE)) == "zh-hans"
    browser.post("/accounts/logout/")
    assert language_of(browser.get(LOGIN)) == "zh-hans"


def test_the_profile_page_sets_name_language_and_time_zone(browser):
    response = browser.post(PROFILE, {"name": "Ann Lee", "language": "zh-hans", "time_zone": "Asia/Shanghai"})

    assert response["Location"] == PROFILE
    assert User.objects.values_list("name", "language", "time_zone").get() == ("Ann Lee", "zh-hans", "Asia/Shanghai")
    assert language_of(browser.get(PROFILE)) == "zh-hans"


@pytest.mark.parametrize("field", ["name", "language", "time_zone"])
def test_a_profile_that_makes_no_sense_is_refused(browser, field):
    data = {"name": "Ann", "language": "en", "time_zone": "UTC"} | {field: "" if field == "name" else "Mars/Base"}

    response = browser.post(PROFILE, data)

    assert list(response.context["form"].errors) == [field]
    assert User.objects.values_list("name", "language", "time_zone").get() == ("Ann", "en", "")


def test_a_profile_changes_neither_address_nor_rights(person, browser):
    browser.post(
        PROFILE,
        {"name": "Ann", "language": "en", "time_zone": "", "email": "x@y.example", "is_staff": "on", "roles": "admin"},
    )

    person.refresh_from_db()
    assert (person.email, person.is_staff) == ("ann@acme.example", False)


def test_pages_outside_a_tenant_show_times_in_the_persons_zone(browser):
    from django.utils import timezone

    User.objects.update(time_zone="America/New_York")
    browser.get(PROFILE)
    assert timezone.get_current_timezone_name() == "America/New_York"

    Client().get(LOGIN)
    assert timezone.get_current_timezone_name() == "UTC"


def test_language_costs_no_query_of_its_own(browser, django_assert_num_queries):
    browser.get("/accounts/")
    # Session with person; savepoint around the view.
    with django_assert_num_queries(3):
        browser.get("/accounts/")
