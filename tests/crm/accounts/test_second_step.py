"""Authenticator app, passkeys and recovery codes: set up, used, taken away, and asked for again before each change."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.management import call_command
from django.test import Client

from crm.accounts.adapters import MFAAdapter
from tests.crm.accounts.authenticator import SoftAuthenticator
from tests.crm.accounts.cast import is_signed_in, log_in, reauthenticate
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
SECURITY = "/accounts/security/"


@pytest.fixture
def person():
    return make_user("ann@acme.example", name="Ann")


@pytest.fixture
def browser(person):
    client = Client()
    log_in(client, person.email)
    reauthenticate(client)
    return client


def code_for(secret: str, steps_ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_ahead))


@pytest.fixture
def secret(browser) -> str:
    """The secret of an authenticator app that was set up through the pages."""
    secret = browser.get(f"{SECURITY}totp/activate/").context["form"].secret
    response = browser.post(f"{SECURITY}totp/activate/", {"code": code_for(secret)})
    assert response["Location"] == f"{SECURITY}recovery-codes/"
    return secret


@pytest.fixture
def passkey(browser) -> SoftAuthenticator:
    return add_passkey(browser)


def add_passkey(browser: Client, key: SoftAuthenticator | None = None, passwordless: bool = True) -> SoftAuthenticator:
    key = key or SoftAuthenticator()
    options = browser.get(f"{SECURITY}webauthn/add/").context["js_data"]["creation_options"]
    data = {"name": "Telephone", "credential": key.create(options)}
    response = browser.post(f"{SECURITY}webauthn/add/", data | ({"passwordless": "on"} if passwordless else {}))
    assert response.status_code == 302, response.context["form"].errors
    return key


def test_an_app_makes_the_password_alone_too_little(person, secret):
    client = Client()

    response = log_in(client, person.email)

    assert response["Location"] == f"{SECURITY}authenticate/"
    assert not is_signed_in(client)
    client.post(f"{SECURITY}authenticate/", {"code": code_for(secret, 1)})
    assert is_signed_in(client)


def test_a_wrong_code_lets_nobody_in(person, secret):
    client = Client()
    log_in(client, person.email)

    response = client.post(f"{SECURITY}authenticate/", {"code": "000000"})

    assert response.context["form"].errors
    assert not is_signed_in(client)


def test_a_code_works_once(person, secret):
    code = code_for(secret, 1)
    first, second = Client(), Client()
    for client in (first, second):
        log_in(client, person.email)
        client.post(f"{SECURITY}authenticate/", {"code": code})

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_codes_cannot_be_tried_without_end(person, secret):
    client = Client()
    log_in(client, person.email)
    for _ in range(10):
        client.post(f"{SECURITY}authenticate/", {"code": "000000"})

    client.post(f"{SECURITY}authenticate/", {"code": code_for(secret, 1)})

    assert not is_signed_in(client)


def test_each_recovery_code_lets_in_once(person, browser, secret):
    codes = browser.get(f"{SECURITY}recovery-codes/").context["unused_codes"]
    assert len(codes) == 10
    first, second = Client(), Client()

    for client in (first, second):
        log_in(client, person.email)
        client.post(f"{SECURITY}authenticate/", {"code": codes[0]})

    assert is_signed_in(first)
    assert not is_signed_in(second)
    assert browser.get(f"{SECURITY}recovery-codes/").context["unused_codes"] == codes[1:]


def test_recovery_codes_are_downloaded_as_text_and_not_kept_by_caches(browser, secret):
    codes = browser.get(f"{SECURITY}recovery-codes/").context["unused_codes"]

    response = browser.get(f"{SECURITY}recovery-codes/download/")

    assert response.content.decode().split() == codes
    assert "no-store" in response["Cache-Control"]


def test_new_recovery_codes_end_the_old_ones(person, browser, secret):
    old = browser.get(f"{SECURITY}recovery-codes/").context["unused_codes"]
    browser.post(f"{SECURITY}recovery-codes/generate/")

    client = Client()
    log_in(client, person.email)
    client.post(f"{SECURITY}authenticate/", {"code": old[0]})

    assert not is_signed_in(client)


def test_secrets_are_encrypted_in_the_database(person, secret):
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]

    assert secret not in stored
    assert MFAAdapter().decrypt(stored) == secret


def test_secrets_outlive_a_new_secret_key(person, secret, settings):
    stored = Authenticator.objects.get(user=person, type="totp").data["secret"]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-key-" * 6

    assert MFAAdapter().decrypt(stored) == secret


def test_after_rotation_the_old_key_is_no_longer_needed(person, browser, secret, settings):
    codes = browser.get(f"{SECURITY}recovery-codes/").context["unused_codes"]
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a-new-key-" * 6

    call_command("rotate_secrets")

    settings.SECRET_KEY_FALLBACKS = []
    totp, recovery = (Authenticator.objects.get(user=person, type=kind) for kind in ("totp", "recovery_codes"))
    assert MFAAdapter().decrypt(totp.data["secret"]) == secret
    assert recovery.wrap().get_unused_codes() == codes


def test_a_passkey_signs_in_without_a_password(person, passkey):
    client = Client()
    options = client.get(f"{SECURITY}webauthn/login/", HTTP_ACCEPT="application/json").json()["request_options"]

    response = client.post(f"{SECURITY}webauthn/login/", {"credential": passkey.get(options)})

    assert response["Location"] == "/"
    assert is_signed_in(client)


def test_a_passkey_is_a_second_step_too(person, browser):
    key = add_passkey(browser, passwordless=False)
    client = Client()
    log_in(client, person.email)
    options = client.get(f"{SECURITY}authenticate/").context["js_data"]["request_options"]

    client.post(f"{SECURITY}authenticate/", {"credential": key.get(options)})

    assert is_signed_in(client)


def test_an_answer_for_a_false_page_is_worth_nothing(person, passkey):
    """What phishing would get: the right key, signing for another origin."""
    passkey.origin = "https://guanxi.evil.example"
    client = Client()
    options = client.get(f"{SECURITY}webauthn/login/", HTTP_ACCEPT="application/json").json()["request_options"]

    client.post(f"{SECURITY}webauthn/login/", {"credential": passkey.get(options)})

    assert not is_signed_in(client)


def test_an_answer_cannot_be_used_again(person, passkey):
    first, second = Client(), Client()
    options = first.get(f"{SECURITY}webauthn/login/", HTTP_ACCEPT="application/json").json()["request_options"]
    answer = passkey.get(options)
    first.post(f"{SECURITY}webauthn/login/", {"credential": answer})
    second.get(f"{SECURITY}webauthn/login/", HTTP_ACCEPT="application/json")

    second.post(f"{SECURITY}webauthn/login/", {"credential": answer})

    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_another_persons_key_opens_only_the_other_account(person, browser, passkey):
    bob = Client()
    log_in(bob, make_user("bob@acme.example").email)
    reauthenticate(bob)
    bobs_key = add_passkey(bob, passwordless=False)
    client = Client()
    log_in(client, person.email)
    options = client.get(f"{SECURITY}authenticate/").context["js_data"]["request_options"]

    client.post(f"{SECURITY}authenticate/", {"credential": bobs_key.get(options)})

    assert not is_signed_in(client)


@pytest.mark.parametrize("path", ["totp/activate/", "webauthn/add/", "recovery-codes/generate/", "totp/deactivate/"])
def test_a_change_asks_again_who_is_there(person, path):
    Authenticator.objects.create(user=person, type="totp", data={"secret": MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")})
    Authenticator.objects.create(user=person, type="recovery_codes", data={"seed": "", "used_mask": 0})
    if path == "totp/activate/":
        Authenticator.objects.filter(type="totp").delete()
    client = Client()
    client.force_login(person)
    before = list(Authenticator.objects.values())

    for response in (client.get(f"{SECURITY}{path}"), client.post(f"{SECURITY}{path}", {"code": "1"})):
        if response.status_code != 200:  # the form to deactivate may be looked at
            assert response["Location"].startswith(("/accounts/reauthenticate/", f"{SECURITY}reauthenticate/"))

    assert list(Authenticator.objects.values()) == before


def test_the_old_answer_to_who_is_there_does_not_last(browser, settings):
    assert browser.get(f"{SECURITY}totp/activate/").status_code == 200

    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0

    assert browser.get(f"{SECURITY}totp/activate/").status_code == 302


def test_a_passkey_is_renamed_and_removed(person, browser, passkey):
    (key,) = Authenticator.objects.filter(user=person, type="webauthn")

    browser.post(f"{SECURITY}webauthn/keys/{key.pk}/edit/", {"name": "Old telephone"})
    assert "Old telephone" in browser.get(f"{SECURITY}webauthn/").content.decode()
    browser.post(f"{SECURITY}webauthn/keys/{key.pk}/remove/")

    assert not Authenticator.objects.filter(user=person, type="webauthn").exists()


def test_nobody_touches_another_persons_passkey(person, passkey):
    (key,) = Authenticator.objects.filter(user=person, type="webauthn")
    bob = Client()
    log_in(bob, make_user("bob@acme.example").email)
    reauthenticate(bob)

    for verb in ("edit", "remove"):
        assert bob.post(f"{SECURITY}webauthn/keys/{key.pk}/{verb}/", {"name": "x"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_a_mail_tells_of_each_change(browser, django_capture_on_commit_callbacks):
    def post(path: str, **data):
        with django_capture_on_commit_callbacks(execute=True):
            browser.post(f"{SECURITY}{path}", data)

    secret = browser.get(f"{SECURITY}totp/activate/").context["form"].secret
    post("totp/activate/", code=code_for(secret))
    post("recovery-codes/generate/")
    post("totp/deactivate/")

    assert [message.subject for message in mail.outbox] == [
        "An authenticator app was added to your account.",
        "New recovery codes were made for your account.",
        "The authenticator app was removed from your account.",
    ]
    assert {tuple(message.to) for message in mail.outbox} == {("ann@acme.example",)}


def test_a_passkey_is_offered_in_the_second_step_to_whoever_has_one(person, secret, browser):
    def page():
        client = Client()
        client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
        return client.get(f"{SECURITY}authenticate/").content.decode()

    assert "mfa_webauthn_authenticate" not in page()
    add_passkey(browser)
    assert "mfa_webauthn_authenticate" in page()


def test_a_new_passkey_is_named_in_the_persons_language(person, browser):
    person.language = "zh-hans"
    person.save()

    assert browser.get(f"{SECURITY}webauthn/add/").context["form"]["name"].initial == "通行密钥 1"
