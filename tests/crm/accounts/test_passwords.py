"""Which passwords are taken, and how a forgotten one is replaced."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import translation

from crm.accounts.models import User
from tests.crm.accounts.cast import NEW_PASSWORD, is_signed_in, link_in, log_in
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
RESET = "/accounts/password/reset/"


@pytest.fixture
def person():
    return make_user("ann@acme.example", name="Ann Robertson-Chan")


@pytest.fixture
def ask(django_capture_on_commit_callbacks):
    def run(email: str, client: Client | None = None):
        with django_capture_on_commit_callbacks(execute=True):
            return (client or Client()).post(RESET, {"email": email})

    return run


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("elevenchars", "password_too_short"),
        ("qwerty123456", "password_too_common"),
        ("471100815471", "password_entirely_numeric"),
        ("Passw0rd!!2026", "password_dressed_up"),
        ("2026qwertyuiop!", "password_dressed_up"),
        ("monkeymonkey", "password_dressed_up"),
        ("p@$$w0rd12345", "password_dressed_up"),
        ("ann@acme.example", "password_too_similar"),
        ("Robertson-Chan1", "password_too_similar"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(person, password, code):
    with pytest.raises(ValidationError) as refused:
        validate_password(password, person)

    assert code in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize(
    "password", [NEW_PASSWORD, PASSWORD, "guanxi-demo-2026", "七盏灯照着河边的石头呢吗啊", "Tr4in>Cloud<Lamp"]
)
def test_a_long_and_unusual_password_is_taken(person, password):
    validate_password(password, person)


@pytest.mark.parametrize("password", ["elevenchars", "qwerty123456", "471100815471", "ann@acme.example"])
def test_a_refusal_is_in_chinese_on_chinese_pages(person, password):
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password(password, person)

    assert all(re.search(r"[\u4e00-\u9fff]", message) for message in refused.value.messages), refused.value.messages


def test_a_forgotten_password_is_replaced_by_a_link_in_a_mail(ask, person):
    page = ask(person.email)
    assert page["Location"] == f"{RESET}done/"
    client = Client()
    form = client.get(link_in(mail.outbox[0]), follow=True)

    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    log_in(client, person.email, NEW_PASSWORD)
    assert is_signed_in(client)


def test_the_link_works_once(ask, person):
    ask(person.email)
    link = link_in(mail.outbox[0])
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert Client().get(link, follow=True).context["token_fail"]


def test_the_link_ends_after_an_hour(ask, person, settings):
    ask(person.email)
    settings.PASSWORD_RESET_TIMEOUT = -1

    assert Client().get(link_in(mail.outbox[0]), follow=True).context["token_fail"]


def test_the_link_leads_to_our_address_whatever_the_request_claims(ask, person, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(HTTP_HOST="evil.example")

    ask(person.email, client)

    assert "evil.example" not in mail.outbox[0].body
    assert "http://localhost:8000/accounts/password/reset/key/" in mail.outbox[0].body


def test_an_unknown_address_gets_the_same_answer_and_as_much_work(ask, person):
    known, unknown = ask(person.email), ask("nobody@acme.example")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.to for message in mail.outbox] == [["ann@acme.example"], ["nobody@acme.example"]]
    assert "password/reset" not in mail.outbox[1].body


def test_a_new_password_signs_out_every_browser(ask, person):
    thief = Client()
    log_in(thief, person.email)
    ask(person.email)
    client = Client()
    form = client.get(link_in(mail.outbox[0]), follow=True)

    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    assert not is_signed_in(thief)


def test_a_reset_does_not_go_around_the_second_step(ask, person):
    from allauth.mfa.models import Authenticator

    from crm.accounts.adapters import MFAAdapter

    Authenticator.objects.create(user=person, type="totp", data={"secret": MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")})
    ask(person.email)
    client = Client()
    form = client.get(link_in(mail.outbox[0]), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    log_in(client, person.email, NEW_PASSWORD)

    assert not is_signed_in(client)


def test_mails_cannot_be_asked_for_without_end(ask, person):
    for _ in range(8):
        ask(person.email)

    assert len(mail.outbox) == 5


def test_a_neighbour_who_tries_links_does_not_keep_others_from_theirs(ask, person):
    ask(person.email)
    client = Client()
    form = client.get(link_in(mail.outbox[0]), follow=True)
    for number in range(30):
        Client().post(f"{RESET}key/{number}-x-y/", {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})

    log_in(client, person.email, NEW_PASSWORD)
    assert is_signed_in(client)


def test_a_changed_password_is_told_by_mail(person, django_capture_on_commit_callbacks):
    client = Client()
    log_in(client, person.email)

    with django_capture_on_commit_callbacks(execute=True):
        client.post(
            "/accounts/password/change/",
            {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        )

    assert [message.subject for message in mail.outbox] == ["Your password was changed."]


def test_the_address_changes_once_the_new_one_is_proven(person, django_capture_on_commit_callbacks):
    client = Client()
    log_in(client, person.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/email/", {"email": "ann@new.example", "action_add": ""})
    assert User.objects.get().email == "ann@acme.example"

    with django_capture_on_commit_callbacks(execute=True):
        client.post(link_in(mail.outbox[0]))

    assert User.objects.get().email == "ann@new.example"
    assert mail.outbox[-1].to == ["ann@acme.example"]  # the old address learns of it
    log_in(other := Client(), "ann@new.example")
    assert is_signed_in(other)


def test_changing_to_an_address_that_is_taken_tells_nothing(person, django_capture_on_commit_callbacks):
    make_user("bob@acme.example")
    client = Client()
    log_in(client, person.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    with django_capture_on_commit_callbacks(execute=True):
        free = client.post("/accounts/email/", {"email": "free@acme.example", "action_add": ""}, follow=True)
    with django_capture_on_commit_callbacks(execute=True):
        taken = client.post("/accounts/email/", {"email": "bob@acme.example", "action_add": ""}, follow=True)

    assert free.status_code == taken.status_code == 200
    assert [str(message) for message in free.context["messages"]] == [
        "A mail with a link was sent to free@acme.example."
    ]
    assert [str(message) for message in taken.context["messages"]] == [
        "A mail with a link was sent to bob@acme.example."
    ]
    with django_capture_on_commit_callbacks(execute=True):
        Client().post(link_in(mail.outbox[-1]))
    assert set(User.objects.values_list("email", flat=True)) == {"ann@acme.example", "bob@acme.example"}
