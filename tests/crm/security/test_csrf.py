"""Nothing is changed by a form that another site has sent."""

import pytest
from django.conf import settings
from django.test import Client

from crm.tenancy.urls import TENANT_URLCONF
from tests.sweep.pages import every_entry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("urlconf", [settings.ROOT_URLCONF, TENANT_URLCONF])
def test_no_page_does_without_the_token(urlconf):
    entries = every_entry(urlconf)

    assert len(entries) > 30
    assert [str(page) for page in entries if getattr(page.view, "csrf_exempt", False)] == []


@pytest.mark.parametrize("path", ["settings/teams/new/", "customers/new/", "admin/customers/tag/add/"])
def test_a_form_from_elsewhere_changes_nothing_in_a_tenant(admin, path):
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.cookies = admin.client.cookies

    refused = elsewhere.post(f"/t/acme/{path}", {"name": "Planted"}, headers={"origin": "https://evil.example"})

    assert refused.status_code == 403
    assert not admin.membership.tenant.teams.filter(name="Planted").exists()


@pytest.mark.parametrize("path", ["/preferences/", "/accounts/profile/", "/accounts/logout/", "/accounts/sessions/"])
def test_a_form_from_elsewhere_changes_nothing_of_a_person(admin, path):
    elsewhere = Client(enforce_csrf_checks=True)
    elsewhere.cookies = admin.client.cookies

    refused = elsewhere.post(path, {"language": "zh-hans"}, headers={"origin": "https://evil.example"})

    assert refused.status_code == 403
    admin.user.refresh_from_db()
    assert admin.user.language == "en"
    assert admin.get("").status_code == 200  # still signed in
