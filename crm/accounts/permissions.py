"""People and teams of a tenant are the administrators' business."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from crm.access.policy import TenantWidePolicy
from crm.access.roles import Role, Scope
from crm.tenancy.models import Membership, Team

from .models import Invitation

ADMINISTRATION = {action: {Role.ADMIN} for action in ("view", "create", "edit", "delete")}


class PeoplePolicy(TenantWidePolicy):
    """These tables carry no row-level security, so the tenant is part of the rule."""

    grants = ADMINISTRATION

    def visible(self, membership: Membership, queryset: QuerySet) -> QuerySet:
        return super().visible(membership, queryset).filter(tenant_id=membership.tenant_id)

    def within(self, membership: Membership, scope: Scope) -> Q:
        return Q(tenant_id=membership.tenant_id)


class MembershipPolicy(PeoplePolicy):
    kind = "members"
    model = Membership


class TeamPolicy(PeoplePolicy):
    kind = "teams"
    model = Team


class InvitationPolicy(PeoplePolicy):
    kind = "invitations"
    model = Invitation
