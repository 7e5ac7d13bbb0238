"""The one way in: a mail is kept, byte by byte, before anybody looks into it. Reading it is a job's work."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from crm.jobs import start_job
from crm.tenancy.models import Tenant

from ..choices.mail import InboundVia
from ..models import InboundMail, Mailbox

TAKE_IN = "service.take_in_mail"
# Of a mail that is too large: enough to see who wrote, and what it is about.
BEGINNING = 256 << 10


@transaction.atomic
def keep_mail(
    *,
    raw: bytes,
    via: InboundVia,
    mailbox: Mailbox | None = None,
    envelope_to: str = "",
    size: int = 0,
) -> tuple[InboundMail, bool]:
    """Keep a mail of the current tenant; returns its row, and whether it is new.

    The same bytes are the same mail: mail servers deliver again when they did not hear our answer. Of one that is too
    large the beginning is kept; `size` is that of the whole when only a part of it was handed over.
    """
    size = max(size, len(raw))
    is_cut = size > settings.INBOUND_MAIL_MAX_BYTES
    raw = raw[:BEGINNING] if is_cut else raw
    mail = InboundMail(
        raw=raw,
        size=size,
        is_cut=is_cut,
        sha256=hashlib.sha256(raw).hexdigest(),
        via=via,
        mailbox=mailbox,
        envelope_to=envelope_to[:254],
    )
    # By the key, so that of two deliveries at one moment one waits for the other.
    InboundMail.objects.bulk_create([mail], ignore_conflicts=True)
    kept = InboundMail.objects.light().get(sha256=mail.sha256)
    return kept, kept.received_at == mail.received_at


def have_read(tenant: Tenant) -> None:
    """Have a worker read what waits, when this is committed."""
    start_job(TAKE_IN, tenant=tenant, title=_("Read incoming mail"))
