"""`/`, the switcher, and every page of django-allauth in both languages."""

import re

import pytest
from allauth.account.forms import (
    ChangeEmailForm,
    ChangePasswordForm,
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.core.context import request_context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.test import Client
from django.utils import translation

from crm.access.roles import Role
from tests.conftest import sign_in
from tests.crm.accounts.cast import log_in, reauthenticate
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db


def test_home_asks_a_visitor_to_sign_in(client):
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/accounts/login/?next=/"


def test_a_person_of_one_tenant_is_there_at_once(owner):
    assert owner.client.get("/")["Location"] == "/tenants/"
    assert owner.client.get("/tenants/")["Location"] == "/t/acme/"


def test_a_person_of_two_tenants_chooses(tenant, other_tenant):
    make_member(tenant, "both@guanxi.example", Role.SALES)
    both = sign_in(make_member(other_tenant, "both@guanxi.example", Role.READER))

    page = both.client.get("/tenants/")

    assert [membership.tenant.name for membership in page.context["memberships"]] == ["Acme Trading", "华星贸易"]
    assert 'href="/t/acme/"' in page.content.decode()
    assert 'href="/t/huaxing/"' in page.content.decode()


def test_what_one_may_no_longer_enter_is_not_offered(owner, other_tenant):
    make_member(other_tenant, owner.user.email, Role.SALES, is_active=False)

    assert owner.client.get("/tenants/")["Location"] == "/t/acme/"


def test_a_person_of_no_tenant_is_told_what_to_do(client):
    client.force_login(make_user("ann@acme.example"))

    assert "You belong to no tenant yet" in client.get("/tenants/").content.decode()


PAGES = [
    "/accounts/profile/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/security/",
    "/accounts/security/totp/activate/",
    "/accounts/security/webauthn/add/",
    "/accounts/security/webauthn/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
    "/tenants/",
]
DOORS = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/1-abc/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/nonsense/",
    "/accounts/signup/",
    "/accounts/inactive/",
]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("path", PAGES + DOORS)
def test_every_page_is_ours_and_holds_nothing_that_the_policy_forbids(path, language):
    client = Client(headers={"accept-language": language})
    if path in PAGES:
        log_in(client, make_user("ann@acme.example", name="Ann", language=language).email)
        reauthenticate(client)

    response = client.get(path)

    assert response.status_code == 200
    html = response.content.decode()
    assert f'<html lang="{language}"' in html
    assert "gx-body" in html  # in our frame
    assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))", html)
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|https?://(?!www\.w3\.org)", html)


@pytest.mark.parametrize("path", PAGES[:10])
def test_a_visitor_is_asked_to_sign_in(client, path):
    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(("/accounts/login/", "/accounts/reauthenticate/"))


@pytest.mark.parametrize(
    ("form_class", "of_a_person"),
    [
        (LoginForm, False),
        (ResetPasswordForm, False),
        (ChangeEmailForm, False),
        (ChangePasswordForm, True),
        (ResetPasswordKeyForm, True),
        (ReauthenticateForm, True),
        (AuthenticateForm, True),
        (ActivateTOTPForm, True),
    ],
)
def test_labels_of_django_allauth_are_chinese_on_chinese_pages(form_class, of_a_person, rf):
    request = rf.get("/")
    request.user = make_user("ann@acme.example")
    request.session = Client().session
    with request_context(request), translation.override("zh-hans"):
        form = form_class(**({"user": request.user} if of_a_person else {}))
        labels = [str(bound.label) for bound in form.visible_fields()]

    assert labels
    assert all(re.search(r"[\u4e00-\u9fff]", label) for label in labels), labels
