"""What people tell about themselves, and what an administrator decides about members and teams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast
from zoneinfo import available_timezones

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access.policy import FollowsPolicy, PersonalPolicy, Policy, TenantWidePolicy, policies
from crm.access.roles import Role, Scope
from crm.pages.forms import TenantForm
from crm.pages.widgets import dress
from crm.tenancy.models import Team

from .models import Invitation, User


class DressedForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            dress(field)


class ProfileForm(forms.ModelForm):
    time_zone = forms.ChoiceField(
        label=_("Time zone"), required=False, help_text=_("Times are shown in this zone, wherever you are.")
    )

    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"].required = True
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["language"].widget = forms.RadioSelect(choices=settings.LANGUAGES)
        zones = cast(forms.ChoiceField, self.fields["time_zone"])
        zones.choices = [("", _("The tenant's time zone")), *time_zone_choices()]
        for field in self.fields.values():
            dress(field)


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")
        passwordless = self.fields["passwordless"]
        passwordless.label = _("Sign in with it alone, without a password")
        passwordless.help_text = _("Needs a device that asks for a fingerprint, a face or its own code.")
        passwordless.initial = True


class RenamePasskeyForm(EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the passkey")


class NewAccountForm(DressedForm):
    """Name and password of a person who was invited."""

    name = forms.CharField(
        label=_("Your name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, widget=forms.RadioSelect)
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=password_validators_help_text_html,
    )
    password2 = forms.CharField(
        label=_("Password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any):
        initial = {"name": invitation.name, "language": invitation.language}
        super().__init__(*args, initial=initial, **kwargs)
        self.invitation = invitation

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        password, again = data.get("password1"), data.get("password2")
        if password and again and password != again:
            self.add_error("password2", _("The two passwords are not the same."))
        elif password:
            try:
                validate_password(password, User(email=self.invitation.email, name=data.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data


class RightsForm(TenantForm):
    """Roles, team and scopes: the same for a member and for an invitation."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A person may have several; what any of them allows is allowed."),
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        for policy in kinds_with_scope():
            self.fields[f"scope_{policy.kind}"] = field = forms.ChoiceField(
                label=capfirst(str(policy.model._meta.verbose_name_plural)),
                choices=[("", _("As the role says")), *Scope.choices],
                required=False,
            )
            dress(field)

    def main_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith("scope_")]

    def scope_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("scope_")]

    def scopes(self) -> dict[str, str]:
        chosen = {policy.kind: self.cleaned_data[f"scope_{policy.kind}"] for policy in kinds_with_scope()}
        return {kind: scope for kind, scope in chosen.items() if scope}

    @staticmethod
    def initial_scopes(scopes: Mapping[str, str]) -> dict[str, str]:
        return {f"scope_{kind}": scope for kind, scope in scopes.items()}


class InviteForm(RightsForm):
    field_order = ["email", "name", "language", "roles", "team"]
    email = forms.EmailField(label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120, required=False)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES, widget=forms.RadioSelect)


class MemberForm(RightsForm):
    # The rights as they were when the form was opened (crm.accounts.operations.rights_stamp).
    seen = forms.CharField(widget=forms.HiddenInput, required=False)


class TeamForm(TenantForm):
    name = forms.CharField(label=pgettext_lazy("of a person", "Name"), max_length=120)
    parent = forms.ModelChoiceField(label=_("Team above"), queryset=Team.objects.none(), required=False)

    def __init__(self, *args: Any, team: Team, **kwargs: Any):
        super().__init__(*args, initial={"name": team.name, "parent": team.parent_id}, **kwargs)
        self.team = team
        if team.pk:
            parent = cast(forms.ModelChoiceField, self.fields["parent"])
            parent.queryset = cast(QuerySet, parent.queryset).exclude(path__startswith=team.path)

    def clean_name(self) -> str:
        name = self.cleaned_data["name"]
        if self.tenant.teams.filter(name=name).exclude(pk=self.team.pk).exists():
            raise forms.ValidationError(_("There is a team of this name already."))
        return name


def kinds_with_scope() -> list[Policy]:
    """The kinds of which a member may see less than all; others follow a record, or belong to everybody or to one."""
    settled = (FollowsPolicy, TenantWidePolicy, PersonalPolicy)
    return [policy for policy in policies().values() if not isinstance(policy, settled)]


def time_zone_choices() -> list[tuple[str, str]]:
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "System")))
    return [(name, name.replace("_", " ")) for name in ["UTC", *names]]
