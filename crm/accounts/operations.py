"""Who comes in, what they may do there, and how they leave again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from crm.access.roles import Role
from crm.errors import (
    AlreadyMember,
    InvitationClosed,
    InvitationForSomeoneElse,
    InvitationJustSent,
    LastAdministrator,
    StaleRights,
    TeamBelowItself,
    TeamInUse,
)
from crm.mail.messages import absolute_url, send_mail_message
from crm.tenancy.models import Membership, Team, Tenant
from crm.tenancy.operations import add_member
from crm.tenancy.urls import platform_reverse

from .models import Invitation, User
from .models.invitations import new_nonce

RESEND_PAUSE = timedelta(minutes=1)


@transaction.atomic
def invite(
    tenant: Tenant,
    email: str,
    roles: Iterable[Role | str],
    *,
    name: str = "",
    team: Team | None = None,
    scopes: Mapping[str, str] | None = None,
    language: str = "",
    invited_by: User | None = None,
) -> Invitation:
    """Ask a person to join, by mail; asking again replaces what was asked before.

    Whether the address has an account already makes no difference, so nothing about it can be learned here. Raises
    AlreadyMember, and ValidationError for an address that is none.
    """
    email = email.strip().lower()
    validate_email(email)
    _lock(tenant)
    if tenant.memberships.filter(user__email=email, is_active=True).exists():
        raise AlreadyMember
    _check_team(tenant, team)
    invitation = tenant.invitations.pending().filter(email=email).first() or Invitation(tenant=tenant, email=email)
    invitation.name, invitation.team, invitation.invited_by = name, team, invited_by
    invitation.roles = [str(role) for role in roles]
    invitation.scopes = dict(scopes or {})
    invitation.language = language or tenant.language
    _send(invitation)
    return invitation


@transaction.atomic
def resend_invitation(invitation: Invitation) -> Invitation:
    """Send a new link; the old one ends. Raises InvitationClosed or InvitationJustSent."""
    invitation = _pending(invitation)
    if timezone.now() - invitation.sent_at < RESEND_PAUSE:
        raise InvitationJustSent
    _send(invitation)
    return invitation


@transaction.atomic
def revoke_invitation(invitation: Invitation) -> Invitation:
    invitation = _pending(invitation)
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


@transaction.atomic
def accept_invitation_as_new(invitation: Invitation, *, name: str, password: str, language: str) -> Membership:
    """Open the account and join. The link came by mail, so the address is proven.

    Raises InvitationClosed, and InvitationForSomeoneElse when the address has an account with a password by now.
    """
    invitation = _open(invitation)
    user = User.objects.filter(email=invitation.email).first() or User(email=invitation.email)
    if user.pk and user.has_usable_password():
        raise InvitationForSomeoneElse
    user.name, user.language = name, language
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    user.confirm_email()
    return _join(invitation)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, user: User) -> Membership:
    """Join with the account one has. Raises InvitationClosed or InvitationForSomeoneElse."""
    invitation = _open(invitation)
    if user.email != invitation.email:
        raise InvitationForSomeoneElse
    return _join(invitation)


@transaction.atomic
def change_member(
    membership: Membership,
    *,
    roles: Iterable[Role | str],
    team: Team | None,
    scopes: Mapping[str, str],
    seen: str = "",
) -> Membership:
    """Give a member other roles, team and scopes. Raises LastAdministrator.

    `seen` is the `rights_stamp` of what the person who changes them saw. Raises StaleRights when they are others by
    now: a right that was just taken away must not come back with a form that was opened before.
    """
    _lock(membership.tenant)
    _check_team(membership.tenant, team)
    if seen and seen != rights_stamp(Membership.objects.get(pk=membership.pk)):
        raise StaleRights
    roles = [str(role) for role in roles]
    if Role.ADMIN not in roles:
        _check_other_administrator(membership)
    membership.roles, membership.team, membership.scopes = roles, team, dict(scopes)
    membership.save(update_fields=["roles", "team", "scopes"])
    return membership


def rights_stamp(membership: Membership) -> str:
    rights = [sorted(membership.roles), membership.team_id, sorted(membership.scopes.items()), membership.is_active]
    return sha256(json.dumps(rights).encode()).hexdigest()[:16]


def deactivate_member(membership: Membership) -> Membership:
    """Close the tenant to a person. What they own stays theirs until it is handed over. Raises LastAdministrator."""
    return _set_active(membership, False)


def reactivate_member(membership: Membership) -> Membership:
    return _set_active(membership, True)


@transaction.atomic
def save_team(tenant: Tenant, team: Team, *, name: str, parent: Team | None) -> Team:
    """Create or change a team; the teams below move with it. Raises TeamBelowItself."""
    _lock(tenant)
    _check_team(tenant, parent)
    if team.pk and parent and (parent.pk == team.pk or parent.path.startswith(team.path)):
        raise TeamBelowItself
    team.tenant, team.name, team.parent = tenant, name, parent
    team.save()
    return team


@transaction.atomic
def delete_team(team: Team) -> None:
    """Raises TeamInUse while people or teams are in it."""
    _lock(team.tenant)
    invited = team.tenant.invitations.pending().filter(team=team)
    if team.memberships.exists() or team.children.exists() or invited.exists():
        raise TeamInUse
    team.delete()


@transaction.atomic
def _set_active(membership: Membership, is_active: bool) -> Membership:
    _lock(membership.tenant)
    if not is_active:
        _check_other_administrator(membership)
    membership.is_active = is_active
    membership.save(update_fields=["is_active"])
    return membership


def _lock(tenant: Tenant) -> None:
    """One change of people at a time: two administrators must not remove each other in the same moment."""
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def _check_team(tenant: Tenant, team: Team | None) -> None:
    if team is not None and team.tenant_id != tenant.pk:
        raise ValidationError("The team belongs to another tenant.", code="tenant")


def _check_other_administrator(membership: Membership) -> None:
    others = membership.tenant.memberships.active().exclude(pk=membership.pk).filter(roles__contains=[Role.ADMIN])
    if not others.exists():
        # Whoever is not an administrator now takes none away.
        before = Membership.objects.get(pk=membership.pk)
        if before.is_active and before.has_role(Role.ADMIN):
            raise LastAdministrator


def _pending(invitation: Invitation) -> Invitation:
    found = Invitation.objects.pending().select_related("tenant").select_for_update(of=("self",))
    current = found.filter(pk=invitation.pk).first()
    if current is None:
        raise InvitationClosed
    return current


def _open(invitation: Invitation) -> Invitation:
    """Locked, so that a link opened twice lets one in; the nonce again, for it may just have been sent anew."""
    current = _pending(invitation)
    if not current.is_open or current.nonce != invitation.nonce:
        raise InvitationClosed
    return current


def _join(invitation: Invitation) -> Membership:
    membership, _ = add_member(
        tenant=invitation.tenant,
        email=invitation.email,
        roles=[Role(role) for role in invitation.roles],
        team=invitation.team,
        scopes=invitation.scopes,
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    return membership


def _send(invitation: Invitation) -> None:
    invitation.nonce = new_nonce()
    invitation.sent_at = timezone.now()
    invitation.expires_at = invitation.sent_at + timedelta(days=settings.INVITATION_DAYS)
    invitation.save()
    values = {
        "invitation": invitation,
        "url": absolute_url(platform_reverse("account_invitation", invitation.token)),
        "days": settings.INVITATION_DAYS,
    }
    with timezone.override(invitation.tenant.time_zone):
        send_mail_message("invitation", invitation.email, values, invitation.language, invitation.tenant)
