"""The operator's admin: the platform's tables, and what is done to a tenant stands in the tenant's trail."""

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from crm.access.roles import Role
from crm.accounts.models import Invitation, User
from crm.audit.models import AuditEntry
from crm.console.sites import operator_site
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def signed_in(**fields) -> Client:
    user = make_user(fields.pop("email", "operator@guanxi.example"), **fields)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    client.user = user
    return client


@pytest.fixture
def operator():
    return signed_in(is_staff=True)


@pytest.fixture
def superuser():
    return signed_in(email="root@guanxi.example", is_staff=True, is_superuser=True)


def test_it_holds_the_platform_and_nothing_else(operator):
    assert {model._meta.label for model in operator_site._registry} == {
        "accounts.Invitation",
        "accounts.User",
        "tenancy.Membership",
        "tenancy.Team",
        "tenancy.Tenant",
    }


@pytest.mark.parametrize("model", operator_site._registry, ids=lambda model: model._meta.label)
def test_lists_and_forms_open(operator, tenant, admin, model):
    base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"

    assert operator.get("/admin/").status_code == 200
    assert operator.get(base).status_code == 200
    assert operator.get(f"{base}?q=a").status_code == 200
    row = model.objects.first()
    if row is not None:
        assert operator.get(f"{base}{row.pk}/change/").status_code == 200
        assert operator.post(f"{base}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_only_operators_come_in(admin):
    assert admin.client.get("/admin/").status_code == 403
    answer = Client().get("/admin/tenancy/tenant/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/admin/tenancy/tenant/")


def test_an_operator_is_not_inside_a_tenant(operator, tenant):
    assert operator.get("/t/acme/").status_code == 404
    assert operator.get("/t/acme/admin/").status_code == 404


def test_a_tenant_is_founded_and_switched_off(operator):
    fields = {"slug": "new", "name": "New", "language": "en", "currency": "USD", "time_zone": "UTC", "is_active": "on"}
    operator.post("/admin/tenancy/tenant/add/", fields)
    tenant = Tenant.objects.get(slug="new")
    del fields["is_active"], fields["slug"]
    operator.post(f"/admin/tenancy/tenant/{tenant.pk}/change/", fields)

    tenant.refresh_from_db()
    assert (tenant.slug, tenant.is_active) == ("new", False)
    with use_tenant(tenant):
        written = AuditEntry.objects.filter(kind="tenancy.tenant").order_by("id")
        assert [(entry.action, entry.actor) for entry in written] == [
            ("insert", operator.user),
            ("update", operator.user),
        ]
        assert written[1].changes == {"is_active": [True, False]}


def test_a_membership_changed_by_the_operator_is_in_the_tenants_trail(operator, owner):
    path = f"/admin/tenancy/membership/{owner.membership.pk}/change/"

    answer = operator.post(path, {"roles": ["sales", "admin"], "scopes": "{}", "is_active": "on"})

    assert answer.status_code == 302
    owner.membership.refresh_from_db()
    assert owner.membership.roles == ["sales", "admin"]
    with use_tenant(owner.membership.tenant):
        entry = AuditEntry.objects.about(owner.membership).newest_first()[0]
        assert entry.actor == operator.user
        assert entry.changes["roles"] == [["sales"], ["sales", "admin"]]


def test_a_team_of_another_tenant_is_refused(operator, owner, other_tenant):
    theirs = other_tenant.teams.create(name="Theirs")
    path = f"/admin/tenancy/membership/{owner.membership.pk}/change/"

    answer = operator.post(path, {"roles": ["sales"], "scopes": "{}", "team": theirs.pk, "is_active": "on"})

    assert answer.status_code == 200
    assert "team" in answer.context["adminform"].form.errors
    moved = operator.post(
        f"/admin/tenancy/team/{owner.membership.team_id}/change/", {"name": "North", "parent": theirs.pk}
    )
    assert moved.context["adminform"].form.non_field_errors()


@pytest.mark.parametrize("scopes", ['{"customers": "galaxy"}', '{"planets": "all"}', '["all"]', '{"customers": {}}'])
def test_a_reach_that_does_not_exist_is_refused(operator, owner, scopes):
    path = f"/admin/tenancy/membership/{owner.membership.pk}/change/"

    answer = operator.post(path, {"roles": ["sales"], "scopes": scopes, "is_active": "on"})

    assert "customers" in answer.context["adminform"].form.errors["scopes"][0]
    assert owner.get("customers/").status_code == 200


def test_an_operator_makes_no_operators(operator, superuser, owner):
    path = f"/admin/accounts/user/{owner.user.pk}/change/"
    fields = {"email": owner.user.email, "language": "en", "is_active": "on", "is_staff": "on", "is_superuser": "on"}

    operator.post(path, fields)
    owner.user.refresh_from_db()
    assert not owner.user.is_staff
    superuser.post(path, fields)
    owner.user.refresh_from_db()
    assert owner.user.is_staff


def test_an_operator_does_not_change_a_superuser(operator, superuser):
    path = f"/admin/accounts/user/{superuser.user.pk}/change/"

    assert operator.post(path, {"email": "mine@example.com", "language": "en"}).status_code == 403
    assert User.objects.filter(email="root@guanxi.example").exists()


def test_an_operator_cannot_take_a_persons_place_by_changing_their_address(superuser, owner):
    path = f"/admin/accounts/user/{owner.user.pk}/change/"
    saved = superuser.post(path, {"email": "mine@example.com", "name": "Ann", "language": "en", "is_active": "on"})

    owner.user.refresh_from_db()
    assert (saved.status_code, owner.user.name, owner.user.email) == (302, "Ann", "sales@acme.example")


def test_an_invitation_is_sent_and_revoked(operator, tenant):
    fields = {"tenant": tenant.pk, "email": "New@Example.com", "name": "", "roles": [Role.SALES], "language": "en"}
    answer = operator.post("/admin/accounts/invitation/add/", fields)
    invitation = Invitation.objects.get()

    assert answer.status_code == 302
    assert (invitation.email, invitation.invited_by, invitation.roles) == ("new@example.com", operator.user, ["sales"])
    operator.post("/admin/accounts/invitation/", {"action": "revoke", "_selected_action": [invitation.pk]})
    invitation.refresh_from_db()
    assert invitation.revoked_at
    assert len(mail.outbox) <= 1


def test_a_member_is_not_invited_again(operator, owner):
    fields = {"tenant": owner.membership.tenant_id, "email": owner.user.email, "roles": [Role.SALES], "language": "en"}

    answer = operator.post("/admin/accounts/invitation/add/", fields)

    assert "email" in answer.context["adminform"].form.errors
    assert not Invitation.objects.exists()
