"""One person, one session, two tenants in two tabs."""

import pytest

from crm.access.roles import Role
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Membership
from tests.conftest import Member, sign_in
from tests.factories import make_customer, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(tenant) -> Member:
    return sign_in(make_member(tenant, "both@guanxi.example", Role.ADMIN))


@pytest.fixture
def there(here, other_tenant) -> Member:
    """The same person in the same browser."""
    membership = make_member(other_tenant, here.user.email, Role.READER)
    return Member(here.user, membership, here.client)


def delete_customer(member: Member, name: str) -> None:
    """The page after it says so by the customer's name."""
    with use_tenant(member.membership.tenant):
        customer = make_customer(member.membership.tenant, name=name)
    assert member.post(f"customers/{customer.pk}/delete/").status_code == 302


def test_what_is_said_in_one_tenant_is_not_read_in_the_other(here, there):
    delete_customer(here, "Planted Silkworm Ltd")

    assert "Planted Silkworm" not in there.get("").content.decode()
    assert "Planted Silkworm" not in here.client.get("/accounts/profile/").content.decode()
    assert "“Planted Silkworm Ltd” was deleted." in here.get("").content.decode()
    assert "Planted Silkworm" not in here.get("").content.decode()


def test_what_is_too_long_for_a_cookie_is_kept_apart_as_well(here, there, monkeypatch):
    monkeypatch.setattr("django.contrib.messages.storage.cookie.CookieStorage.max_cookie_size", 10)
    delete_customer(here, "Planted Silkworm Ltd")

    assert "Planted Silkworm" not in there.get("").content.decode()
    assert "“Planted Silkworm Ltd” was deleted." in here.get("").content.decode()


def test_rights_of_one_tenant_do_not_count_in_the_other(here, there):
    assert here.get("settings/members/").status_code == 200
    assert there.get("settings/members/").status_code == 403
    assert here.get("settings/members/").status_code == 200


def test_leaving_one_tenant_closes_its_tab_and_not_the_other(here, there):
    assert here.get("customers/").status_code == there.get("customers/").status_code == 200

    Membership.objects.filter(pk=there.membership.pk).update(is_active=False)

    assert there.get("customers/").status_code == 404
    assert here.get("customers/").status_code == 200
