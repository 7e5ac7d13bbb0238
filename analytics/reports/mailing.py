"""A report by mail, to one recipient of a schedule."""

from __future__ import annotations

from django.utils import timezone, translation

from crm.files.models import StoredFile
from crm.jobs.models import Job
from crm.mail.messages import MOST_ATTACHED, Attachment, absolute_url, send_mail_message
from crm.tenancy.models import Membership
from crm.tenancy.urls import tenant_reverse

from ..models import ScheduleRecipient
from .content import Document
from .printing import printed_figures


def mail_report(schedule_id: int, membership: Membership, document: Document, file: StoredFile, job: Job) -> bool:
    """Write the mail in the caller's transaction. False for somebody who does not get it any more."""
    recipient = (
        ScheduleRecipient.objects.select_for_update(of=("self",))
        .select_related("schedule", "schedule__owner")
        .filter(schedule_id=schedule_id, user_id=membership.user_id)
        .first()
    )
    if recipient is None:
        return False
    with file.open() as stored:
        content = stored.read() if file.size <= MOST_ATTACHED else b""
    attachments = [Attachment(file.name, content, file.content_type)] if content else []
    send_mail_message(
        "report",
        membership.user.email,
        {
            "document": document,
            "figures": printed_figures(document),
            "schedule": recipient.schedule,
            "is_attached": bool(attachments),
            "url": absolute_url(tenant_reverse(membership.tenant, "jobs:job_detail", pk=job.pk)),
        },
        translation.get_language() or membership.user.language,
        membership.tenant,
        attachments=attachments,
    )
    recipient.mailed_at = timezone.now()
    recipient.save(update_fields=["mailed_at"])
    return True
