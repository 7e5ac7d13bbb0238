"""Found a tenant and let people in."""

from __future__ import annotations

from django.contrib.auth import get_user_model
from django.db import transaction
from django.dispatch import Signal

from crm.access.roles import Role

from .context import use_tenant
from .models import Membership, Team, Tenant

# Sent inside the tenant and its transaction: each app adds the defaults of its kinds (pipeline, queues, calendar…).
tenant_created = Signal()


@transaction.atomic
def create_tenant(*, slug: str, name: str, **fields) -> Tenant:
    """Create a tenant with every app's defaults. Raises ValidationError for a bad or taken slug."""
    tenant = Tenant(slug=slug, name=name, **fields)
    tenant.full_clean()
    tenant.save()
    with use_tenant(tenant):
        tenant_created.send(Tenant, tenant=tenant)
    return tenant


@transaction.atomic
def add_member(
    *, tenant: Tenant, email: str, roles: list[Role], name: str = "", team: Team | None = None, scopes=None
) -> tuple[Membership, bool]:
    """Make the person with this e-mail a member; returns (membership, whether the person is new to the product).

    A new person has no password yet: the caller invites them (crm.accounts.operations.invite).
    """
    user, is_new = get_user_model().objects.get_or_create_by_email(
        email, name=name, language=tenant.language, time_zone=tenant.time_zone
    )
    membership, _ = Membership.objects.update_or_create(
        tenant=tenant,
        user=user,
        defaults={
            "roles": [str(role) for role in roles],
            "team": team,
            "scopes": scopes or {},
            "is_active": True,
        },
    )
    return membership, is_new
