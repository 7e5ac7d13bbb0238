"""Signing in and out by e-mail and password, through the real pages."""

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.test import Client

from crm.accounts.models import Session, User
from tests.crm.accounts.cast import LOGIN, is_signed_in, log_in
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_user("ann@acme.example", name="Ann")


def test_login_page_has_the_fields_that_the_contract_names(client):
    page = client.get(LOGIN)

    assert list(page.context["form"].fields) == ["login", "password"]


def test_right_password_signs_in_and_leads_home(client, person):
    response = log_in(client, "ann@acme.example")

    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_address_is_taken_in_any_case(client, person):
    log_in(client, "Ann@ACME.example")

    assert is_signed_in(client)


def test_sign_in_leads_back_to_the_page_that_asked(client, owner):
    page = Client().get("/t/acme/settings/members/")
    assert page["Location"] == "/accounts/login/?next=/t/acme/settings/members/"

    response = client.post(page["Location"], {"login": owner.user.email, "password": PASSWORD})

    assert response["Location"] == "/t/acme/settings/members/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_sign_in_leads_nowhere_else(client, person, target):
    response = client.post(LOGIN, {"login": person.email, "password": PASSWORD, "next": target})

    assert response["Location"] == "/"


def test_wrong_password_and_unknown_address_look_the_same(client, person):
    wrong = log_in(client, "ann@acme.example", "not the password")
    unknown = log_in(Client(), "nobody@acme.example", "not the password")

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].errors == unknown.context["form"].errors
    assert not is_signed_in(client)


def test_a_password_is_hashed_as_often_for_an_unknown_address(client, person, monkeypatch):
    """Equal timing, counted instead of timed: what takes long is the hash."""
    from django.contrib.auth.hashers import Argon2PasswordHasher

    hashed = []
    encode, verify = Argon2PasswordHasher.encode, Argon2PasswordHasher.verify
    monkeypatch.setattr(Argon2PasswordHasher, "encode", lambda *a: hashed.append(1) or encode(*a))
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda *a: hashed.append(1) or verify(*a))
    invited, _ = User.objects.get_or_create_by_email("invited@acme.example")
    counts = {}

    for email in (person.email, "nobody@acme.example", invited.email):
        hashed.clear()
        log_in(Client(), email, "not the password")
        counts[email] = len(hashed)

    assert set(counts.values()) == {1}, counts


def test_passwords_are_kept_as_argon2id(person):
    assert identify_hasher(person.password).algorithm == "argon2"
    assert person.password.startswith("argon2$argon2id$")


def test_a_closed_account_stays_out(client, person):
    person.is_active = False
    person.save()

    log_in(client, person.email)

    assert not is_signed_in(client)


def test_closing_an_account_ends_its_open_sessions(client, person):
    log_in(client, person.email)
    User.objects.filter(pk=person.pk).update(is_active=False)

    assert not is_signed_in(client)


def test_sign_in_takes_a_new_session_key(client, person):
    """A key that somebody slipped into the browser before is worth nothing afterwards."""
    session = client.session
    session["before"] = 1
    session.save()
    before = client.cookies["session"].value

    log_in(client, person.email)

    assert client.cookies["session"].value != before
    assert not Session.objects.filter(pk=before).exists()


def test_signing_out_needs_a_post_and_ends_the_session(client, person):
    log_in(client, person.email)
    key = client.cookies["session"].value

    assert client.get("/accounts/logout/").status_code == 200
    assert is_signed_in(client)
    response = client.post("/accounts/logout/")

    assert response["Location"] == LOGIN
    assert not Session.objects.filter(pk=key).exists()
    assert not is_signed_in(client)


def test_nobody_signs_up_without_invitation(client):
    data = {"email": "eve@example.com", "password1": "river stone seven lamps", "password2": "river stone seven lamps"}

    assert b"account/signup" not in client.get(LOGIN).content
    for response in (client.get("/accounts/signup/"), client.post("/accounts/signup/", data)):
        assert "account/signup_closed.html" in [template.name for template in response.templates]
    assert not User.objects.exists()


def test_sign_in_needs_the_csrf_token(person):
    client = Client(enforce_csrf_checks=True)

    assert log_in(client, person.email).status_code == 403
