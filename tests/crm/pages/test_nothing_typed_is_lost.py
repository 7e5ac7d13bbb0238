"""A form that comes too late or from somebody signed out: what was typed waits in the page, and one click sends it."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.test import Client

from customers.models import Tag

pytestmark = pytest.mark.django_db

HERE = {"origin": "http://testserver"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def browser(member=None) -> Client:
    client = Client(enforce_csrf_checks=True)
    if member:
        sign_in(client, member)
    return client


def sign_in(client: Client, member) -> None:
    client.force_login(member.user, backend=settings.AUTHENTICATION_BACKENDS[-1])


def waiting(response) -> dict[str, str]:
    """The fields of the form in the page that sends it again."""
    form = response.content.decode().split('<form method="post" action="/t/acme/tags/new/">')[1].split("</form>")[0]
    return {name: unescape(value) for name, value in HIDDEN.findall(form)}


def test_form_of_somebody_signed_out_is_kept_and_sent_after_the_sign_in(in_tenant, admin):
    client = browser()
    out = client.post("/t/acme/tags/new/", {"name": 'A "good" one', "color": "blue"}, headers=HERE)

    assert out.status_code == 401
    assert "/accounts/login/?next=/t/acme/" in out.content.decode()
    sign_in(client, admin)
    # The page is older than the sign-in, so its token is too.
    again = client.post("/t/acme/tags/new/", waiting(out), headers=HERE)
    assert again.status_code == 403
    done = client.post("/t/acme/tags/new/", waiting(again), headers=HERE)

    assert done.status_code == 302
    assert Tag.objects.get().name == 'A "good" one'


def test_form_with_an_old_token_is_kept_with_one_of_today(in_tenant, admin):
    client = browser(admin)
    old = {"name": "VIP", "color": "blue", "csrfmiddlewaretoken": "x" * 64}

    refused = client.post("/t/acme/tags/new/", old, headers=HERE)

    assert refused.status_code == 403
    assert not Tag.objects.exists()
    assert client.post("/t/acme/tags/new/", waiting(refused), headers=HERE).status_code == 302
    assert Tag.objects.get().name == "VIP"


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}])
@pytest.mark.parametrize("signed_in", [True, False])
def test_strangers_form_is_never_one_click_away(in_tenant, admin, headers, signed_in):
    client = browser(admin if signed_in else None)

    refused = client.post("/t/acme/tags/new/", {"name": "evil"}, headers=headers)

    assert refused.status_code == (403 if signed_in else 302)
    assert "evil" not in refused.content.decode()


def test_password_that_was_sent_stays_out_of_pages(admin):
    refused = browser(admin).post("/accounts/password/change/", {"oldpassword": "secret-enough"}, headers=HERE)

    assert refused.status_code == 403
    assert "secret-enough" not in refused.content.decode()


def test_password_in_a_form_of_a_tenant_stays_out_too(in_tenant, admin):
    sent = {"address": "help@acme.example", "password": "secret-enough"}

    refused = browser(admin).post("/t/acme/service/mailboxes/new/", sent, headers=HERE).content.decode()

    assert "help@acme.example" in refused
    assert "secret-enough" not in refused


def test_form_too_large_of_somebody_signed_out_is_not_read(db, client):
    large = {"name": "x" * 6_000_000}

    assert client.post("/t/acme/tags/new/", large, headers=HERE).status_code == 302


@pytest.mark.parametrize(
    ("headers", "page"),
    [
        ({"referer": "http://testserver/t/acme/tags/?view=3"}, "/t/acme/tags/%3Fview%3D3"),
        ({"referer": "https://evil.example/t/acme/tags/"}, "/t/acme/"),
        ({"referer": "http://testserver/accounts/login/"}, "/t/acme/"),
        ({"referer": "http://["}, "/t/acme/"),
        ({}, "/t/acme/"),
    ],
)
def test_after_the_sign_in_one_is_on_the_page_of_the_form_not_at_its_address(db, client, headers, page):
    response = client.post("/t/acme/lists/customers/columns/", {}, headers=headers)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={page}")


def test_after_the_sign_in_one_is_on_the_page_whose_part_was_asked_for(db, client):
    part = {"hx-request": "true", "hx-current-url": "http://testserver/t/acme/jobs/7/"}

    response = client.get("/t/acme/jobs/7/progress/", headers=part)

    assert response["Location"] == "/accounts/login/?next=/t/acme/jobs/7/"


def test_address_that_only_takes_forms_says_so_when_visited(owner):
    response = owner.get("lists/customers/columns/")

    assert response.status_code == 405
    assert response["Allow"] == "POST"
    assert "gx-error" in response.content.decode()
