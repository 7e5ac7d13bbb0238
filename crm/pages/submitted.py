"""A form that adds something and is sent twice adds it once: two quick clicks, or "back" and again.

The token in the form is claimed in the transaction that adds. A second request waits at the unique index until the
first one has ended, and is then led to what that one made.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError
from django.utils import timezone

from crm.tenancy.models import Membership

from .models import SubmittedForm

FIELD = "once"
_KEPT = timedelta(days=2)


class AlreadySubmitted(Exception):
    """Another request holds the token. Not an error to show: the person is led on."""


def new_token() -> str:
    return str(uuid4())


def read_token(raw: str | None) -> UUID | None:
    """A form without a token, from a script say, is simply not guarded."""
    try:
        return UUID(raw or "")
    except ValueError:
        return None


def claim(token: UUID, membership: Membership) -> SubmittedForm:
    """Raises AlreadySubmitted. Call it inside an atomic block of its own, which it spoils when it raises."""
    try:
        return SubmittedForm.objects.create(token=token, owner_id=membership.user_id)
    except IntegrityError as error:
        raise AlreadySubmitted from error


def location_of(token: UUID, membership: Membership) -> str:
    """Where the first sending of the form led its sender to, or "" when there was none."""
    sent = SubmittedForm.objects.filter(token=token, owner_id=membership.user_id).first()
    return sent.location if sent else ""


def settle(sent: SubmittedForm, location: str) -> None:
    sent.location = location[:300]
    sent.save(update_fields=["location"])


def forget_old() -> int:
    """Delete the current tenant's tokens that nobody will send again; returns how many."""
    deleted, _ = SubmittedForm.objects.filter(sent_at__lt=timezone.now() - _KEPT).delete()
    return deleted
