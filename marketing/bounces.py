"""Mails that come back later, as the path for incoming mail reports them (crm/mail/signals.py)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from crm.public.tokens import read_token
from crm.tenancy.context import current_tenant_id

from .choices import SendState, SuppressionReason
from .composing import SEND
from .models import Send
from .sending import leave_out, settle_counts


@transaction.atomic
def note_bounce(*, key: str, words: str = "", **signal: Any) -> bool:
    """The mail did not arrive, and the address is no longer written to. False for a key that is none of ours."""
    token = read_token(key)
    if token is None or token.pk is None or token.kind != SEND or token.tenant_id != current_tenant_id():
        return False
    rows = Send.objects.select_for_update(of=("self",)).select_related("campaign")
    send = rows.filter(pk=token.pk, state__in=(SendState.SENT, SendState.UNKNOWN)).first()
    if send is None:
        return False
    Send.objects.filter(pk=send.pk).update(state=SendState.BOUNCED, problem=words[:200])
    leave_out(send.email, SuppressionReason.BOUNCED, campaign=send.campaign, note=words[:300])
    settle_counts(send.campaign)
    return True
