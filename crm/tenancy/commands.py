"""What commands say of tenants and members, in the words of their refusals."""

from __future__ import annotations

from django.core.management.base import CommandError

from crm.access.roles import Role

from .models import Membership, Tenant


def named_tenant(slug: str) -> Tenant:
    """Raises CommandError."""
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        raise CommandError(f"There is no tenant “{slug}”.")
    return tenant


def named_member(tenant: Tenant, email: str) -> Membership:
    """Raises CommandError."""
    members = Membership.objects.active().select_related("tenant", "user", "team").filter(tenant=tenant)
    member = members.filter(user__email=email.lower()).first()
    if member is None:
        raise CommandError(f"{email} is not an active member of {tenant}.")
    return member


def administrator_of(tenant: Tenant) -> Membership:
    """Stands for the operator, who sees what the tenant's administrators see without being one of them."""
    return Membership(tenant=tenant, roles=[Role.ADMIN])
