"""Settings of a tenant: who belongs to it, in which team, with which rights."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.access.policy import policy_for
from crm.errors import CrmError
from crm.pages.forms import errors_in_order
from crm.pages.views.base import Crumb, MemberPage
from crm.tenancy.models import Membership, Team

from .. import operations
from ..forms import InviteForm, MemberForm, RightsForm, TeamForm
from ..models import Invitation


class PeoplePage(MemberPage):
    """A page for administrators. `permission` is asked of the model's policy before any handler runs."""

    model: ClassVar[type[Model]] = Membership
    permission: ClassVar[str] = "view"
    list_name: ClassVar[str] = "settings:member_list"
    list_label: ClassVar[Any] = gettext_lazy("Members")

    def check_access(self) -> None:
        if not policy_for(self.model).allows(self.membership, self.permission):
            raise PermissionDenied

    def get_crumbs(self) -> list[Crumb]:
        return [Crumb(str(self.list_label), reverse(self.list_name))]

    def rows(self):
        """The tenant's rows of the model; another tenant's are 404."""
        return policy_for(self.model).visible(self.membership, self.model._default_manager.all())

    @cached_property
    def object(self) -> Any:
        obj = self.rows().filter(pk=self.kwargs["pk"]).first()
        if obj is None:
            raise Http404
        return obj

    def done(self, message: str) -> HttpResponse:
        messages.success(self.request, message)
        return redirect(self.list_name)


class MemberList(PeoplePage):
    template_name = "accounts/member_list.html"
    title = gettext_lazy("Members")

    def get_crumbs(self) -> list[Crumb]:
        return []

    def get(self, request: HttpRequest) -> HttpResponse:
        members = self.rows().select_related("user", "team").order_by("-is_active", "user__name", "user__email")
        invitations = self.tenant.invitations.pending().select_related("team", "invited_by").order_by("-sent_at")
        return self.render(members=members, invitations=invitations)


class FormPage(PeoplePage):
    """One form, one operation. A refusal of the operation is shown above the form, which keeps what was typed."""

    template_name = "accounts/rights_form.html"
    save_label: ClassVar[Any] = gettext_lazy("Save")

    def make_form(self, data=None) -> Any:
        raise NotImplementedError

    def save(self, form: Any) -> str:
        """Carry it out; returns the message that says so."""
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.render(form=self.make_form(), errors=[])

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if form.is_valid():
            try:
                return self.done(self.save(form))
            except CrmError as error:
                form.add_error(None, str(error))
        return self.render(status=422, form=form, errors=list(errors_in_order(form)))

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(save_label=self.save_label, cancel_url=reverse(self.list_name), **context)


class MemberInvite(FormPage):
    permission = "create"
    title = gettext_lazy("Invite a member")
    save_label = gettext_lazy("Send invitation")

    def make_form(self, data=None) -> InviteForm:
        return InviteForm(data, membership=self.membership, initial={"language": self.tenant.language})

    def save(self, form: InviteForm) -> str:
        data = form.cleaned_data
        operations.invite(
            self.tenant,
            data["email"],
            data["roles"],
            name=data["name"],
            team=data["team"],
            scopes=form.scopes(),
            language=data["language"],
            invited_by=self.request.user,
        )
        return _("An invitation was sent to %(email)s.") % {"email": data["email"]}


class MemberEdit(FormPage):
    permission = "edit"

    def get_title(self) -> str:
        return str(self.object.user)

    def make_form(self, data=None) -> MemberForm:
        member = self.object
        initial = {"roles": member.roles, "team": member.team_id, **RightsForm.initial_scopes(member.scopes)}
        initial["seen"] = operations.rights_stamp(member)
        return MemberForm(data, membership=self.membership, initial=initial)

    def save(self, form: MemberForm) -> str:
        data = form.cleaned_data
        operations.change_member(
            self.object,
            roles=data["roles"],
            team=data["team"],
            scopes=form.scopes(),
            seen=data["seen"],
        )
        return _("The rights of %(person)s were changed.") % {"person": self.object.user}

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(member=self.object, **context)


class PostPage(PeoplePage):
    """One button, one operation. A refusal is said on the list."""

    http_method_names = ["post"]

    def act(self) -> str:
        """Carry it out; returns the message that says so."""
        raise NotImplementedError

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            message = self.act()
        except CrmError as error:
            messages.error(request, str(error))
            return redirect(self.list_name)
        return self.done(message)


class MemberDeactivate(PostPage):
    permission = "delete"

    def act(self) -> str:
        operations.deactivate_member(self.object)
        return _("%(person)s can no longer enter.") % {"person": self.object.user}


class MemberReactivate(PostPage):
    permission = "edit"

    def act(self) -> str:
        operations.reactivate_member(self.object)
        return _("%(person)s can enter again.") % {"person": self.object.user}


class InvitationResend(PostPage):
    model = Invitation
    permission = "create"

    def act(self) -> str:
        operations.resend_invitation(self.object)
        return _("An invitation was sent to %(email)s.") % {"email": self.object.email}


class InvitationRevoke(PostPage):
    model = Invitation
    permission = "delete"

    def act(self) -> str:
        operations.revoke_invitation(self.object)
        return _("The invitation of %(email)s was withdrawn.") % {"email": self.object.email}


class TeamPage(PeoplePage):
    model = Team
    list_name = "settings:team_list"
    list_label = gettext_lazy("Teams")


class TeamList(TeamPage):
    template_name = "accounts/team_list.html"
    title = gettext_lazy("Teams")

    def get_crumbs(self) -> list[Crumb]:
        return []

    def get(self, request: HttpRequest) -> HttpResponse:
        active = Q(memberships__is_active=True)
        teams = list(self.rows().annotate(member_count=Count("memberships", filter=active)).order_by("path"))
        return self.render(teams=_as_tree(teams))


class TeamEdit(TeamPage, FormPage):
    """Creates too, when the address names no team."""

    template_name = "accounts/team_form.html"
    permission = "edit"

    @cached_property
    def object(self) -> Team:
        return super().object if "pk" in self.kwargs else Team(tenant=self.tenant)

    def get_title(self) -> str:
        return str(self.object) or _("New team")

    def make_form(self, data=None) -> TeamForm:
        return TeamForm(data, membership=self.membership, team=self.object)

    def save(self, form: TeamForm) -> str:
        team = operations.save_team(self.tenant, self.object, **form.cleaned_data)
        return _("The team “%(team)s” was saved.") % {"team": team}


class TeamDelete(TeamPage, PostPage):
    permission = "delete"

    def act(self) -> str:
        name = str(self.object)
        operations.delete_team(self.object)
        return _("The team “%(team)s” was deleted.") % {"team": name}


def _as_tree(teams: list[Team]) -> list[tuple[Team, int]]:
    """(team, how deep it lies), each team below the one above it and siblings by name."""
    names = {team.pk: team.name for team in teams}

    def place(team: Team) -> list[str]:
        return [names[int(pk)] for pk in team.path.strip("/").split("/")]

    return [(team, team.path.count("/") - 2) for team in sorted(teams, key=place)]
