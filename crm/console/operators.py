"""The platform's tables in the operator's admin. People and tenants are switched off, never deleted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role, Scope
from crm.accounts.forms import kinds_with_scope
from crm.accounts.models import Invitation
from crm.accounts.operations import invite, resend_invitation, revoke_invitation
from crm.errors import CrmError
from crm.tenancy.models import Membership, Team, Tenant
from crm.tenancy.operations import create_tenant

from .lists import CappedPaginator


class PlatformAdmin(admin.ModelAdmin):
    """Whoever is an operator may do here what the class allows; finer rights are for people with many operators."""

    paginator = CappedPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50

    def _is_operator(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff

    def has_module_permission(self, request):
        return self._is_operator(request)

    def has_view_permission(self, request, obj=None):
        return self._is_operator(request)

    def has_add_permission(self, request):
        return self._is_operator(request)

    def has_change_permission(self, request, obj=None):
        return self._is_operator(request)

    def has_delete_permission(self, request, obj=None):
        return False


class TenantAdmin(PlatformAdmin):
    list_display = ("slug", "name", "language", "currency", "time_zone", "is_active", "created_at")
    list_filter = ("is_active", "language")
    search_fields = ("slug__startswith", "name__icontains")
    # The operator looks after the tenant from here, and stays outside of it.
    view_on_site = False

    def get_readonly_fields(self, request, obj=None):
        # Links to the tenant are in mails and bookmarks.
        return ("slug", "created_at") if obj else ()

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        made = create_tenant(**{name: form.cleaned_data[name] for name in form.cleaned_data})
        obj.pk, obj._state.adding = made.pk, False


class UserAdmin(PlatformAdmin):
    """People come by invitation, and choose their passwords themselves."""

    list_display = ("email", "name", "language", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email__startswith", "name__icontains")
    fields = (
        "email",
        "name",
        "language",
        "time_zone",
        "is_active",
        "is_staff",
        "is_superuser",
        "last_login",
        "created_at",
    )
    # Nor the address: with another one an operator could ask for a new password and be that person, and no trail tells.
    readonly_fields = ("email", "last_login", "created_at")

    def get_readonly_fields(self, request, obj=None):
        # Only a superuser makes operators; nobody takes their own rights away by mistake.
        may = request.user.is_superuser and obj != request.user
        return self.readonly_fields if may else (*self.readonly_fields, "is_active", "is_staff", "is_superuser")

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        is_above = obj is not None and (obj.is_superuser or obj.is_staff) and not request.user.is_superuser
        return super().has_change_permission(request, obj) and (not is_above or obj == request.user)


class TeamForm(forms.ModelForm):
    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        tenant = cleaned.get("tenant") or self.instance.tenant
        parent = cleaned.get("parent")
        if parent and tenant and parent.tenant_id != tenant.pk:
            raise ValidationError(_("A team and the team above it belong to one tenant."))
        if parent and self.instance.pk and parent.path.startswith(self.instance.path):
            raise ValidationError(_("A team cannot be below itself."))
        return cleaned


class TeamAdmin(PlatformAdmin):
    form = TeamForm
    list_display = ("name", "tenant", "parent")
    list_select_related = ("tenant", "parent")
    search_fields = ("name__startswith", "tenant__slug__startswith")
    autocomplete_fields = ("tenant", "parent")
    fields = ("tenant", "name", "parent")

    def get_readonly_fields(self, request, obj=None):
        return ("tenant",) if obj else ()


class RolesField(forms.TypedMultipleChoiceField):
    def __init__(self, **kwargs: Any):
        super().__init__(choices=Role.choices, widget=forms.CheckboxSelectMultiple, label=_("Roles"), **kwargs)


class MembershipForm(forms.ModelForm):
    roles = RolesField()

    def clean_scopes(self) -> dict[str, str]:
        """What is no reach here would be an error on every page that asks for it."""
        scopes = self.cleaned_data["scopes"] or {}
        kinds = {policy.kind for policy in kinds_with_scope()}
        good = isinstance(scopes, dict) and all(
            kind in kinds and scope in Scope.values for kind, scope in scopes.items()
        )
        if not good:
            words = _('Write it as {"customers": "team"}. Kinds: %(kinds)s. Reaches: %(reaches)s.')
            raise ValidationError(words % {"kinds": ", ".join(sorted(kinds)), "reaches": ", ".join(Scope.values)})
        return scopes

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        tenant = cleaned.get("tenant") or self.instance.tenant
        team = cleaned.get("team")
        if team and tenant and team.tenant_id != tenant.pk:
            raise ValidationError({"team": _("The team belongs to another tenant.")})
        return cleaned


class MembershipAdmin(PlatformAdmin):
    """Unlike the tenant's own page this lets the last administrator go: it is how a locked tenant is repaired."""

    form = MembershipForm
    list_display = ("user", "tenant", "roles", "team", "is_active")
    list_select_related = ("user", "tenant", "team")
    list_filter = ("is_active",)
    search_fields = ("user__email__startswith", "tenant__slug__startswith")
    autocomplete_fields = ("tenant", "user", "team")
    fields = ("tenant", "user", "roles", "team", "scopes", "is_active")
    view_on_site = False

    def get_readonly_fields(self, request, obj=None):
        return ("tenant", "user") if obj else ()


class InvitationForm(forms.ModelForm):
    roles = RolesField()

    class Meta:
        model = Invitation
        fields = ("tenant", "email", "name", "roles", "language")

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        tenant, email = cleaned.get("tenant"), (cleaned.get("email") or "").strip().lower()
        if tenant and tenant.memberships.filter(user__email=email, is_active=True).exists():
            raise ValidationError({"email": _("This person is a member already.")})
        return cleaned


class InvitationAdmin(PlatformAdmin):
    form = InvitationForm
    list_display = ("email", "tenant", "roles", "sent_at", "expires_at", "accepted_at", "revoked_at")
    list_select_related = ("tenant",)
    search_fields = ("email__startswith", "tenant__slug__startswith")
    autocomplete_fields = ("tenant",)
    fields = ("tenant", "email", "name", "roles", "language")
    actions = ("send_again", "revoke")

    def has_change_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        given = form.cleaned_data
        sent = invite(
            given["tenant"], given["email"], given["roles"],
            name=given["name"], language=given["language"], invited_by=request.user,
        )  # fmt: skip
        obj.pk, obj._state.adding = sent.pk, False

    @admin.action(description=_("Send again"), permissions=["add"])
    def send_again(self, request, queryset):
        self._each(request, queryset, resend_invitation)

    @admin.action(description=_("Revoke"), permissions=["add"])
    def revoke(self, request, queryset):
        self._each(request, queryset, revoke_invitation)

    def _each(self, request, queryset, operation):
        for invitation in queryset:
            try:
                operation(invitation)
            except CrmError as error:
                self.message_user(request, f"{invitation}: {error}", messages.ERROR)


def register(site: admin.AdminSite) -> None:
    site.register(Tenant, TenantAdmin)
    site.register(get_user_model(), UserAdmin)
    site.register(Team, TeamAdmin)
    site.register(Membership, MembershipAdmin)
    site.register(Invitation, InvitationAdmin)
