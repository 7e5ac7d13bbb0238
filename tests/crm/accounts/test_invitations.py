"""How people come in: a link by mail that works once, for a while, for one address."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from crm.access.roles import Role
from crm.accounts.models import Invitation, User
from crm.accounts.operations import accept_invitation, invite, resend_invitation, revoke_invitation
from crm.errors import AlreadyMember, InvitationClosed, InvitationForSomeoneElse, InvitationJustSent
from crm.tenancy.models import Membership
from tests.crm.accounts.cast import NEW_PASSWORD, is_signed_in, link_in, log_in
from tests.factories import make_member, make_user

pytestmark = pytest.mark.django_db
EMAIL = "new@acme.example"


@pytest.fixture
def delivered(django_capture_on_commit_callbacks):
    """Do something, commit, and have the mail that left: `delivered(invite, tenant, …)`."""

    def run(action, *args, **kwargs):
        with django_capture_on_commit_callbacks(execute=True):
            action(*args, **kwargs)
        return mail.outbox[-1] if mail.outbox else None

    return run


@pytest.fixture
def link(tenant, delivered) -> str:
    return link_in(delivered(invite, tenant, EMAIL, [Role.SALES], name="Ann"))


def accept(client: Client, link: str, **fields):
    data = {"name": "Ann Lee", "language": "en", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    return client.post(link, data | fields)


def test_a_new_person_gets_a_link_sets_a_password_and_is_in(client, tenant, link):
    page = client.get(link)
    assert page.context["form"].initial["name"] == "Ann"

    response = accept(client, link)

    assert response["Location"] == "/t/acme/"
    assert is_signed_in(client)
    membership = Membership.objects.get(user__email=EMAIL)
    assert (membership.tenant, membership.roles, membership.user.name) == (tenant, ["sales"], "Ann Lee")


def test_the_new_person_signs_in_with_the_password_they_chose(client, link):
    accept(client, link)

    assert is_signed_in_after_login(EMAIL, NEW_PASSWORD)


def test_team_and_scopes_come_with_the_invitation(client, tenant, teams, delivered):
    message = delivered(invite, tenant, EMAIL, [Role.SALES], team=teams["north"], scopes={"customers": "team"})

    accept(client, link_in(message))

    membership = Membership.objects.get(user__email=EMAIL)
    assert (membership.team, membership.scopes) == (teams["north"], {"customers": "team"})


def test_before_it_is_accepted_there_is_neither_account_nor_membership(link):
    assert not User.objects.exists()
    assert not Membership.objects.exists()


def test_the_link_works_once(client, link):
    accept(client, link)

    again = Client().get(link)

    assert again.status_code == 410
    assert accept(Client(), link).status_code == 410
    assert User.objects.count() == 1


def test_the_link_ends_after_its_days(client, link):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert client.get(link).status_code == 410
    assert accept(client, link).status_code == 410
    assert not User.objects.exists()


def test_a_revoked_link_is_closed(client, link):
    revoke_invitation(Invitation.objects.get())

    assert accept(client, link).status_code == 410


def test_sending_again_ends_the_older_link(client, link, delivered):
    Invitation.objects.update(sent_at=timezone.now() - timedelta(hours=1))

    newer = link_in(delivered(resend_invitation, Invitation.objects.get()))

    assert client.get(link).status_code == 410
    assert client.get(newer).status_code == 200


def test_it_is_not_sent_twice_in_a_minute(tenant):
    invitation = invite(tenant, EMAIL, [Role.SALES])

    with pytest.raises(InvitationJustSent):
        resend_invitation(invitation)


def test_inviting_again_replaces_what_was_asked_before(client, tenant, link, delivered):
    newer = link_in(delivered(invite, tenant, EMAIL, [Role.READER]))

    assert client.get(link).status_code == 410
    accept(client, newer)
    assert Membership.objects.get().roles == ["reader"]


@pytest.mark.parametrize("change", [lambda link: link[:-3] + "x/", lambda link: "/accounts/invitation/nonsense/"])
def test_a_link_that_we_did_not_make_is_closed(client, link, change):
    assert client.get(change(link)).status_code == 410


@pytest.mark.parametrize("password", ["short", "password1234", "new@acme.example", "123456789012", "Passw0rd!!2026"])
def test_a_weak_password_is_refused_and_what_was_typed_is_kept(client, link, password):
    response = accept(client, link, password1=password, password2=password)

    assert response.context["form"].errors["password1"]
    assert response.context["form"]["name"].value() == "Ann Lee"
    assert not User.objects.exists()


def test_who_has_an_account_joins_with_it(client, tenant, other_tenant, delivered):
    person = make_member(other_tenant, "both@guanxi.example", Role.SALES).user
    link = link_in(delivered(invite, tenant, person.email, [Role.READER]))

    asked = client.post(link)
    assert asked["Location"] == f"/accounts/login/?next={link}"
    log_in(client, person.email)
    joined = client.post(link)

    assert joined["Location"] == "/t/acme/"
    assert "Welcome to Acme Trading." in client.get("/t/acme/").content.decode()
    assert set(person.memberships.values_list("tenant__slug", flat=True)) == {"acme", "huaxing"}


def test_the_link_does_not_set_the_password_of_an_account_that_has_one(client, tenant, delivered):
    person = make_user("both@guanxi.example")
    link = link_in(delivered(invite, tenant, person.email, [Role.READER]))

    accept(client, link)

    assert not is_signed_in_after_login(person.email, NEW_PASSWORD)
    assert not Membership.objects.exists()


def test_nobody_else_may_use_the_link(client, tenant, delivered):
    make_user("both@guanxi.example")
    link = link_in(delivered(invite, tenant, "both@guanxi.example", [Role.ADMIN]))
    eve = make_user("eve@example.com")
    client.force_login(eve)

    client.post(link)

    assert not eve.memberships.exists()
    with pytest.raises(InvitationForSomeoneElse):
        accept_invitation(Invitation.objects.get(), user=eve)


def test_accepting_ends_the_session_of_whoever_sat_there_before(link):
    client = Client()
    client.force_login(make_user("before@acme.example"))

    accept(client, link)

    assert client.get("/accounts/profile/").context["user"].email == EMAIL


def test_a_member_is_not_invited(tenant, owner):
    with pytest.raises(AlreadyMember):
        invite(tenant, owner.user.email.upper(), [Role.ADMIN])


def test_who_was_closed_out_may_be_invited_anew(client, tenant, owner, delivered):
    Membership.objects.filter(pk=owner.membership.pk).update(is_active=False)
    link = link_in(delivered(invite, tenant, owner.user.email, [Role.READER]))

    owner.client.post(link)

    owner.membership.refresh_from_db()
    assert (owner.membership.is_active, owner.membership.roles) == (True, ["reader"])


def test_a_team_of_another_tenant_is_refused(tenant, other_tenant):
    with pytest.raises(ValidationError):
        invite(tenant, EMAIL, [Role.SALES], team=other_tenant.teams.create(name="Theirs"))


def test_accepting_a_withdrawn_invitation_says_so(tenant, owner):
    person = make_user(EMAIL)
    invitation = invite(tenant, EMAIL, [Role.SALES])
    revoke_invitation(invitation)

    with pytest.raises(InvitationClosed):
        accept_invitation(invitation, user=person)
    with pytest.raises(InvitationClosed):
        revoke_invitation(invitation)


@pytest.mark.parametrize(("language", "subject"), [("en", "Invitation to Acme Trading"), ("zh-hans", None)])
def test_the_mail_is_in_the_language_that_was_chosen(tenant, delivered, language, subject):
    message = delivered(invite, tenant, EMAIL, [Role.SALES], language=language)

    assert message.extra_headers["Content-Language"] == language
    assert f'<html lang="{language}">' in message.alternatives[0][0]
    if subject:
        assert message.subject == subject


def is_signed_in_after_login(email: str, password: str) -> bool:
    client = Client()
    log_in(client, email, password)
    return is_signed_in(client)
