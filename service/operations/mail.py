"""Changes to mailboxes, and what people decide about mail that came in."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from crm.errors import NothingToDo

from ..choices.mail import InboundState
from ..inbound.taking import take_in
from ..models import InboundMail, Mailbox


@transaction.atomic
def save_mailbox(*, mailbox: Mailbox, password: str = "") -> Mailbox:
    """Save what a form has filled in. One mailbox takes the answers of other queues: it takes the former one's place.

    Another server is another folder, which is read from its beginning; without a password the former one stays.
    """
    before = Mailbox.objects.filter(pk=mailbox.pk).first() if mailbox.pk else None
    if mailbox.is_default:
        for other in Mailbox.objects.filter(is_default=True).exclude(pk=mailbox.pk).select_for_update():
            other.is_default = False
            other.version += 1
            other.save(update_fields=["is_default", "version"])
    if password:
        mailbox.imap_password = password
    if before is not None:
        mailbox.version += 1
        if _place(before) != _place(mailbox):
            mailbox.uid_validity, mailbox.last_uid, mailbox.created_at = None, 0, timezone.now()
        mailbox.problem = ""
    mailbox.updated_at = timezone.now()
    mailbox.save()
    return mailbox


def _place(mailbox: Mailbox) -> tuple[str, str, str]:
    return mailbox.imap_host, mailbox.imap_user, mailbox.imap_folder


@transaction.atomic
def release_mail(*, mail: InboundMail) -> InboundMail:
    """Make a ticket of a mail of which none was made. Raises NothingToDo when somebody was faster."""
    mail = InboundMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if mail.state in (InboundState.OPENED, InboundState.ADDED):
        raise NothingToDo
    return take_in(mail, is_wanted=True)


@transaction.atomic
def discard_mail(*, mail: InboundMail) -> InboundMail:
    mail = InboundMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if mail.state != InboundState.QUARANTINE:
        raise NothingToDo
    mail.state = InboundState.DISCARDED
    mail.save(update_fields=["state"])
    return mail
