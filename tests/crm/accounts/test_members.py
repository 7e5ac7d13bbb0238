"""An administrator's pages about members and teams."""

import pytest

from crm.access.roles import Role
from crm.accounts.models import Invitation
from crm.accounts.operations import change_member, deactivate_member, invite, save_team
from crm.errors import LastAdministrator, TeamBelowItself, TeamInUse
from crm.tenancy.models import Membership, Team
from tests.conftest import sign_in
from tests.factories import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def another_admin(tenant):
    return sign_in(make_member(tenant, "admin2@acme.example", Role.ADMIN))


def rights(membership: Membership) -> tuple:
    membership = Membership.objects.get(pk=membership.pk)
    return membership.roles, membership.team and membership.team.name, membership.scopes, membership.is_active


@pytest.mark.parametrize(
    "path",
    [
        "settings/members/",
        "settings/members/new/",
        "settings/members/{member}/edit/",
        "settings/teams/",
        "settings/teams/new/",
        "settings/teams/{team}/edit/",
    ],
)
@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_only_administrators_see_the_pages(request, owner, teams, path, who):
    path = path.format(member=owner.membership.pk, team=teams["north"].pk)

    assert request.getfixturevalue(who).get(path).status_code == 403
    assert request.getfixturevalue("admin").get(path).status_code == 200


@pytest.mark.parametrize("who", ["owner", "manager", "reader"])
def test_only_administrators_change_anything(request, tenant, owner, colleague, teams, who):
    invitation = invite(tenant, "new@acme.example", [Role.SALES])
    someone = request.getfixturevalue(who)
    before = rights(colleague.membership)

    for path, data in [
        ("settings/members/new/", {"email": "x@acme.example", "roles": ["admin"], "language": "en"}),
        (f"settings/members/{colleague.membership.pk}/edit/", {"roles": ["admin"]}),
        (f"settings/members/{someone.membership.pk}/edit/", {"roles": ["admin"]}),
        (f"settings/members/{colleague.membership.pk}/deactivate/", {}),
        (f"settings/invitations/{invitation.pk}/revoke/", {}),
        (f"settings/invitations/{invitation.pk}/resend/", {}),
        ("settings/teams/new/", {"name": "x"}),
        (f"settings/teams/{teams['north'].pk}/delete/", {}),
    ]:
        assert someone.post(path, data).status_code == 403, path

    assert rights(colleague.membership) == before
    assert Invitation.objects.pending().count() == 1
    assert Team.objects.count() == 2


def test_another_tenants_people_and_teams_are_not_found(admin, stranger, other_tenant):
    team = other_tenant.teams.create(name="Theirs")
    invitation = invite(other_tenant, "new@huaxing.example", [Role.SALES])
    before = rights(stranger.membership)

    for path in [
        f"settings/members/{stranger.membership.pk}/edit/",
        f"settings/members/{stranger.membership.pk}/deactivate/",
        f"settings/members/{stranger.membership.pk}/reactivate/",
        f"settings/invitations/{invitation.pk}/resend/",
        f"settings/invitations/{invitation.pk}/revoke/",
        f"settings/teams/{team.pk}/edit/",
        f"settings/teams/{team.pk}/delete/",
    ]:
        assert admin.post(path, {"roles": ["reader"], "name": "x"}).status_code == 404, path

    assert rights(stranger.membership) == before
    assert Team.objects.filter(pk=team.pk, name="Theirs").exists()
    assert Invitation.objects.get().is_open


def test_lists_show_the_own_tenant_only(admin, owner, stranger, other_tenant, tenant):
    other_tenant.teams.create(name="Theirs")
    invite(other_tenant, "new@huaxing.example", [Role.SALES])
    invite(tenant, "new@acme.example", [Role.SALES])

    page = admin.get("settings/members/")
    teams = admin.get("settings/teams/")

    assert {member.user.email for member in page.context["members"]} == {admin.user.email, owner.user.email}
    assert [invitation.email for invitation in page.context["invitations"]] == ["new@acme.example"]
    assert [team.name for team, _ in teams.context["teams"]] == ["North", "South"]


def test_the_list_costs_the_same_for_one_member_as_for_many(admin, tenant, teams, django_assert_num_queries):
    admin.get("settings/members/")
    # Session with person, membership; savepoint; members, invitations; savepoint.
    with django_assert_num_queries(6, info="one member"):
        admin.get("settings/members/")
    for number in range(3):
        make_member(tenant, f"more{number}@acme.example", Role.SALES, team=teams["north"])
        invite(tenant, f"new{number}@acme.example", [Role.SALES], team=teams["north"], invited_by=admin.user)
    with django_assert_num_queries(6, info="four members"):
        admin.get("settings/members/")


def test_inviting_by_the_page(admin, tenant, teams):
    data = {
        "email": "New@acme.example",
        "name": "Ann",
        "language": "zh-hans",
        "roles": ["sales", "marketer"],
        "team": teams["north"].pk,
        "scope_customers": "team",
    }
    response = admin.post("settings/members/new/", data)

    assert response["Location"] == "/t/acme/settings/members/"
    invitation = Invitation.objects.get()
    assert (invitation.tenant, invitation.email, invitation.language) == (tenant, "new@acme.example", "zh-hans")
    assert (invitation.roles, invitation.team, invitation.scopes, invitation.invited_by) == (
        ["sales", "marketer"],
        teams["north"],
        {"customers": "team"},
        admin.user,
    )


def test_inviting_a_member_is_refused_and_keeps_what_was_typed(admin, owner):
    response = admin.post("settings/members/new/", {"email": owner.user.email, "roles": ["sales"], "language": "en"})

    assert response.context["form"].non_field_errors() == ["This person is a member already."]
    assert response.context["form"]["email"].value() == owner.user.email


def test_a_members_rights_are_changed_by_the_page(admin, owner, teams):
    form = admin.get(f"settings/members/{owner.membership.pk}/edit/").context["form"]
    assert form["roles"].value() == ["sales"]

    admin.post(
        f"settings/members/{owner.membership.pk}/edit/",
        {"roles": ["sales", "analyst"], "team": teams["south"].pk, "scope_customers": "all"},
    )

    assert rights(owner.membership) == (["sales", "analyst"], "South", {"customers": "all"}, True)


def test_rights_that_were_taken_away_do_not_come_back_with_an_older_form(admin, another_admin, owner):
    path = f"settings/members/{owner.membership.pk}/edit/"
    opened_by_one, opened_by_other = (
        person.get(path).context["form"]["seen"].value() for person in (admin, another_admin)
    )
    admin.post(path, {"roles": ["reader"], "seen": opened_by_one})

    late = another_admin.post(path, {"roles": ["sales", "analyst"], "scope_customers": "all", "seen": opened_by_other})

    assert "Somebody has changed this since you opened it." in late.content.decode()
    assert late.context["form"]["roles"].value() == ["sales", "analyst"]  # nothing typed is lost
    assert rights(owner.membership)[0] == ["reader"]


def test_changing_the_rights_of_who_was_just_closed_out_lets_nobody_in(admin, owner):
    path = f"settings/members/{owner.membership.pk}/edit/"
    seen = admin.get(path).context["form"]["seen"].value()
    admin.post(f"settings/members/{owner.membership.pk}/deactivate/")

    admin.post(path, {"roles": ["sales"], "seen": seen})
    admin.post(path, {"roles": ["sales"]})

    assert rights(owner.membership)[3] is False


def test_a_changed_scope_decides_at_the_next_page(admin, owner):
    from crm.access.policy import policy_for
    from crm.access.roles import Scope
    from customers.models import Customer

    admin.post(f"settings/members/{owner.membership.pk}/edit/", {"roles": ["sales"], "scope_customers": "all"})

    membership = Membership.objects.get(pk=owner.membership.pk)
    assert policy_for(Customer).scope_of(membership) == Scope.ALL


def test_a_role_that_does_not_exist_is_refused(admin, owner):
    before = rights(owner.membership)

    response = admin.post(f"settings/members/{owner.membership.pk}/edit/", {"roles": ["emperor"]})

    assert response.context["form"].errors["roles"]
    assert rights(owner.membership) == before


def test_a_team_of_another_tenant_cannot_be_chosen(admin, owner, other_tenant):
    theirs = other_tenant.teams.create(name="Theirs")

    response = admin.post(f"settings/members/{owner.membership.pk}/edit/", {"roles": ["sales"], "team": theirs.pk})

    assert response.context["form"].errors["team"]


def test_who_is_closed_out_is_out_at_once_and_may_be_let_in_again(admin, owner):
    admin.post(f"settings/members/{owner.membership.pk}/deactivate/")
    assert owner.get("settings/members/").status_code == 404

    admin.post(f"settings/members/{owner.membership.pk}/reactivate/")
    assert owner.get("settings/members/").status_code == 403


def test_the_last_administrator_stays_one(admin, owner):
    before = rights(admin.membership)

    admin.post(f"settings/members/{admin.membership.pk}/edit/", {"roles": ["sales"]})
    response = admin.post(f"settings/members/{admin.membership.pk}/deactivate/", follow=True)

    assert "A tenant needs an administrator." in response.content.decode()
    assert rights(admin.membership) == before


def test_an_administrator_who_cannot_enter_does_not_count(admin, another_admin):
    Membership.objects.filter(pk=another_admin.membership.pk).update(is_active=False)

    with pytest.raises(LastAdministrator):
        deactivate_member(admin.membership)


def test_with_another_administrator_one_may_go(admin, another_admin):
    change_member(admin.membership, roles=[Role.READER], team=None, scopes={})

    assert rights(admin.membership)[0] == ["reader"]


def test_a_team_moves_with_the_teams_below_it(tenant, teams):
    under = save_team(tenant, Team(tenant=tenant), name="Under north", parent=teams["north"])

    save_team(tenant, teams["north"], name="North", parent=teams["south"])

    under.refresh_from_db()
    assert under.path == f"/{teams['south'].pk}/{teams['north'].pk}/{under.pk}/"


def test_a_team_cannot_lie_below_itself(tenant, teams):
    under = save_team(tenant, Team(tenant=tenant), name="Under north", parent=teams["north"])

    with pytest.raises(TeamBelowItself):
        save_team(tenant, teams["north"], name="North", parent=under)


def test_teams_are_made_and_changed_by_the_pages(admin, teams):
    admin.post("settings/teams/new/", {"name": "West", "parent": teams["north"].pk})
    west = Team.objects.get(name="West")
    assert west.parent == teams["north"]

    admin.post(f"settings/teams/{west.pk}/edit/", {"name": "Far west", "parent": ""})
    west.refresh_from_db()
    assert (west.name, west.parent) == ("Far west", None)

    taken = admin.post(f"settings/teams/{west.pk}/edit/", {"name": "North"})
    assert taken.context["form"].errors["name"] == ["There is a team of this name already."]


def test_a_team_in_use_is_not_deleted_and_an_empty_one_is(admin, owner, teams):
    response = admin.post(f"settings/teams/{teams['north'].pk}/delete/", follow=True)
    assert str(TeamInUse.message) in response.content.decode()

    admin.post(f"settings/teams/{teams['south'].pk}/delete/")

    assert list(Team.objects.values_list("name", flat=True)) == ["North"]


def test_a_team_that_somebody_is_invited_to_is_not_deleted(admin, tenant, teams):
    invite(tenant, "new@acme.example", [Role.SALES], team=teams["south"])

    admin.post(f"settings/teams/{teams['south'].pk}/delete/")

    assert Team.objects.filter(name="South").exists()


def test_a_reach_is_offered_for_kinds_of_records_only(admin, reader):
    form = admin.get(f"settings/members/{reader.membership.pk}/edit/").context["form"]

    scopes = {bound.name for bound in form.scope_fields()}
    assert "scope_customers" in scopes
    assert scopes.isdisjoint({"scope_jobs", "scope_files", "scope_imports", "scope_contacts", "scope_tags"})


def test_a_refused_invitation_says_on_top_what_is_wrong(admin):
    response = admin.post("settings/members/new/", {"email": "nobody", "roles": [], "language": "en"})

    assert response.status_code == 422
    assert [bound.name for bound, _message in response.context["errors"]] == ["email", "roles"]
