import pytest
from django.core.management import CommandError, call_command

from crm.accounts.models import Invitation, User
from crm.tenancy.models import Membership, Tenant
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def create(slug="nova", admin="Boss@nova.example", **options):
    call_command("create_tenant", slug, name="Nova", admin=admin, **options)


def test_a_new_person_is_invited_as_administrator():
    create(language="en", currency="EUR", time_zone="Europe/Berlin")

    tenant = Tenant.objects.get()
    assert (tenant.slug, tenant.name, tenant.language, tenant.currency, tenant.time_zone) == (
        "nova",
        "Nova",
        "en",
        "EUR",
        "Europe/Berlin",
    )
    invitation = Invitation.objects.get()
    assert (invitation.tenant, invitation.email, invitation.roles) == (tenant, "boss@nova.example", ["admin"])
    assert not User.objects.exists()


def test_a_person_who_exists_becomes_the_administrator():
    person = make_user("boss@nova.example")

    create()

    membership = Membership.objects.get()
    assert (membership.user, membership.roles, membership.is_active) == (person, ["admin"], True)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"slug": "Nova Trading"}, "slug"),
        ({"admin": "nobody"}, "--admin"),
        ({"currency": "euro"}, "currency"),
        ({"time_zone": "Mars/Base"}, "Mars/Base"),
        ({"language": "xx"}, "language"),
    ],
)
def test_a_bad_value_is_refused_in_words_and_leaves_nothing_behind(options, said):
    with pytest.raises(CommandError, match=said):
        create(**options)

    assert not Tenant.objects.exists()
    assert not Invitation.objects.exists()


def test_a_slug_that_is_taken_is_refused():
    create()

    with pytest.raises(CommandError, match="slug"):
        create(admin="other@nova.example")

    assert Tenant.objects.count() == 1
