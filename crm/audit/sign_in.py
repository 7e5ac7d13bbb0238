"""Write sign-ins, and refused ones, to the trail of every tenant the person belongs to."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in

from crm.accounts.signals import sign_in_refused
from crm.tenancy.context import tenant_atomic
from crm.tenancy.models import Membership

from .choices import Action
from .trail import record


def connect() -> None:
    user_logged_in.connect(_signed_in, dispatch_uid="audit-signed-in")
    sign_in_refused.connect(_refused, dispatch_uid="audit-sign-in-refused")


def _signed_in(sender, user, **kwargs):
    for membership in _memberships(user):
        with tenant_atomic(membership.tenant_id, user.pk):
            record(Action.LOGIN)


def _refused(sender, email, **kwargs):
    """Whoever tried is not known, so the entry has no actor; it is about the person whose address was used."""
    user = get_user_model().objects.filter(email=email).first()
    for membership in _memberships(user) if user else ():
        with tenant_atomic(membership.tenant_id):
            record(Action.LOGIN_REFUSED, membership)


def _memberships(user) -> Iterator[Membership]:
    return Membership.objects.active().filter(user=user).order_by("tenant_id").iterator()
