"""Guessing is slowed down; the person who owns the account is never kept out by somebody else's guessing."""

from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.utils import timezone

from crm.accounts import throttle
from crm.accounts.models import SignInAttempts
from tests.crm.accounts.cast import is_signed_in, log_in
from tests.factories import PASSWORD, make_user

EMAIL = "ann@acme.example"
HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
FREE = throttle.ACCOUNT_AND_NETWORK.free

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user(EMAIL)


def hammer(times: int, email: str = EMAIL, address: str = ELSEWHERE, client: Client | None = None):
    return [log_in(client or Client(), email, "guess", address) for _ in range(times)][-1]


def pass_time(**amount) -> None:
    """Let the stored moments lie further back, as if time had passed."""
    back = timedelta(**amount)
    for row in SignInAttempts.objects.all():
        row.failed_at -= back
        row.blocked_until -= back
        row.save()


def test_after_the_free_attempts_even_the_right_password_waits(person):
    hammer(FREE)

    response = log_in(Client(), EMAIL, PASSWORD, ELSEWHERE)

    assert response.status_code == 429
    assert response.context["form"].non_field_errors() == [
        "Too many failed attempts. Try again in 1 minute, or reset your password."
    ]


def test_one_attempt_before_the_limit_is_still_free(person):
    hammer(FREE - 1)

    assert log_in(Client(), EMAIL, PASSWORD, ELSEWHERE).status_code == 302


def test_the_wait_doubles_up_to_a_quarter_of_an_hour(person):
    waits = []
    for _ in range(8):
        hammer(1 if waits else FREE)
        (row,) = SignInAttempts.objects.filter(blocked_until__gt=timezone.now())
        waits.append(round((row.blocked_until - row.failed_at).total_seconds()))
        pass_time(seconds=waits[-1])

    assert waits == [30, 60, 120, 240, 480, 900, 900, 900]


def test_an_attempt_that_is_refused_does_not_prolong_the_wait(person):
    hammer(FREE)
    (before,) = SignInAttempts.objects.filter(blocked_until__gt=timezone.now()).values()

    hammer(3)

    assert SignInAttempts.objects.filter(**before).exists()


def test_hammering_from_elsewhere_leaves_the_owner_alone_even_on_a_new_browser(person):
    hammer(FREE + 3, address=ELSEWHERE)

    assert log_in(Client(), EMAIL, PASSWORD, HOME).status_code == 302


def test_hammering_from_the_owners_own_network_leaves_the_known_browser_alone(person):
    browser = Client()
    log_in(browser, EMAIL, PASSWORD, HOME)
    browser.post("/accounts/logout/")

    hammer(FREE + 3, address=HOME)

    assert log_in(Client(), EMAIL, PASSWORD, HOME).status_code == 429
    assert log_in(browser, EMAIL, PASSWORD, HOME).status_code == 302


def test_a_closed_network_leaves_the_known_browser_alone(person, monkeypatch):
    monkeypatch.setattr(throttle, "NETWORK", few := throttle.Limit(3, *_waits(throttle.NETWORK)))
    browser = Client()
    log_in(browser, EMAIL, PASSWORD, HOME)
    browser.post("/accounts/logout/")

    for number in range(few.free):
        hammer(1, email=f"somebody{number}@acme.example", address=HOME)

    assert log_in(Client(), EMAIL, PASSWORD, HOME).status_code == 429
    assert log_in(browser, EMAIL, PASSWORD, HOME).status_code == 302


def test_a_known_browser_has_a_limit_of_its_own(person):
    browser = Client()
    log_in(browser, EMAIL, PASSWORD, HOME)
    browser.post("/accounts/logout/")

    hammer(throttle.KNOWN_DEVICE.free, address=HOME, client=browser)

    assert log_in(browser, EMAIL, PASSWORD, HOME).status_code == 429


def test_a_browser_is_known_only_for_who_signed_in_with_it(person):
    make_user("bob@acme.example")
    browser = Client()
    log_in(browser, "bob@acme.example", PASSWORD, ELSEWHERE)
    browser.post("/accounts/logout/")

    hammer(FREE, address=ELSEWHERE, client=browser)

    assert log_in(browser, EMAIL, PASSWORD, ELSEWHERE).status_code == 429


FORGED = {"empty": "", "short": "x", "of another salt": signing.dumps({"a": "b"}, salt="another")}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_device_cookie_that_we_did_not_sign_counts_for_nothing(person, forged):
    browser = Client()
    browser.cookies["device"] = forged

    hammer(FREE, client=browser)

    assert log_in(browser, EMAIL, PASSWORD, ELSEWHERE).status_code == 429


def test_one_network_may_not_try_many_accounts(monkeypatch):
    monkeypatch.setattr(throttle, "NETWORK", few := throttle.Limit(4, *_waits(throttle.NETWORK)))
    for number in range(few.free):
        hammer(1, email=f"somebody{number}@acme.example")

    assert log_in(Client(), "one-more@acme.example", "guess", ELSEWHERE).status_code == 429


def test_own_successful_sign_ins_do_not_reset_the_networks_count(person, monkeypatch):
    monkeypatch.setattr(throttle, "NETWORK", few := throttle.Limit(4, *_waits(throttle.NETWORK)))
    for number in range(few.free):
        hammer(1, email=f"victim{number}@acme.example")
        log_in(Client(), EMAIL, PASSWORD, ELSEWHERE)

    assert log_in(Client(), "victim9@acme.example", "guess", ELSEWHERE).status_code == 429


def test_a_bucket_that_opens_at_the_moment_of_asking_is_counted_anew():
    for _ in range(FREE + 1):
        throttle.begin_attempt(email=EMAIL, address=ELSEWHERE, device=None)

    def somebody_succeeds(execute, sql, params, many, context):
        if sql.startswith("SELECT") and SignInAttempts._meta.db_table in sql:
            SignInAttempts.objects.all().delete()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(somebody_succeeds):
        attempt = throttle.begin_attempt(email=EMAIL, address=ELSEWHERE, device=None)

    assert attempt.wait is None


def test_success_clears_the_account_here(person):
    hammer(FREE - 1)
    log_in(Client(), EMAIL, PASSWORD, ELSEWHERE)

    hammer(FREE - 1)

    assert log_in(Client(), EMAIL, PASSWORD, ELSEWHERE).status_code == 302


def test_unknown_addresses_are_slowed_down_just_the_same(person):
    known, unknown = hammer(FREE + 1), hammer(FREE + 1, email="nobody@acme.example", address="203.0.113.9")

    assert known.status_code == unknown.status_code == 429
    assert known.context["form"].errors == unknown.context["form"].errors


def test_failures_are_forgotten_after_a_while(person):
    hammer(FREE)
    pass_time(hours=13)

    hammer(FREE - 1)

    assert log_in(Client(), EMAIL, PASSWORD, ELSEWHERE).status_code == 302


def test_old_counts_are_deleted_and_young_ones_kept(person):
    hammer(1)
    assert throttle.forget_old_attempts() == 0

    pass_time(hours=13)

    assert throttle.forget_old_attempts() == 2


def test_the_table_names_nobody(person):
    hammer(2)

    stored = repr(list(SignInAttempts.objects.values()))
    assert "ann" not in stored
    assert ELSEWHERE not in stored


def test_reauthentication_counts_too(person):
    browser = Client()
    log_in(browser, EMAIL, PASSWORD, HOME)

    for _ in range(throttle.KNOWN_DEVICE.free):
        browser.post("/accounts/reauthenticate/", {"password": "guess"}, REMOTE_ADDR=HOME)

    response = browser.post("/accounts/reauthenticate/", {"password": PASSWORD}, REMOTE_ADDR=HOME)
    assert "Too many failed attempts" in str(response.context["form"].errors)


def test_the_forwarded_address_is_not_believed_without_a_proxy_of_ours(person):
    for number in range(FREE):
        log_in(Client(), EMAIL, "guess", ELSEWHERE, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")

    assert log_in(Client(), EMAIL, PASSWORD, ELSEWHERE, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429


def test_behind_a_proxy_of_ours_the_last_forwarded_address_counts(person, settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(FREE):
        log_in(Client(), EMAIL, "guess", "10.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}, {ELSEWHERE}")

    same = log_in(Client(), EMAIL, PASSWORD, "10.0.0.1", HTTP_X_FORWARDED_FOR=f"203.0.113.77, {ELSEWHERE}")
    other = log_in(Client(), EMAIL, PASSWORD, "10.0.0.1", HTTP_X_FORWARDED_FOR=HOME)
    assert (same.status_code, other.status_code) == (429, 302)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_one_home_or_office_is_one_network(address, network):
    assert throttle.network_of(address) == network


def test_sign_in_works_while_redis_is_gone(person, settings):
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    client = Client()

    response = log_in(client, EMAIL, PASSWORD, HOME)

    assert response.status_code == 302
    assert is_signed_in(client)


def _waits(limit: throttle.Limit) -> tuple[timedelta, timedelta, timedelta]:
    return limit.first_wait, limit.longest_wait, limit.forgotten_after
