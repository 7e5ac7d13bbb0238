"""From the database to the mail server. Lost connections and killed workers lose no mail."""

from __future__ import annotations

import logging
from contextlib import closing
from datetime import timedelta
from functools import partial
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from .models import OutgoingMail
from .signals import mail_given_up

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
KEPT_AFTER_GIVING_UP = timedelta(days=7)


def wake() -> None:
    """Have the mail sent: by a worker, or at once where sending is only writing a file."""
    if settings.MAIL_SENT_AT_ONCE:
        deliver_due()
        return
    from .tasks import deliver

    try:
        deliver.apply_async(retry=False)
    except (OperationalError, OSError) as error:
        # The broker is only a wake-up; the scheduler sends what is due.
        logger.warning("Mail waits for the scheduler, the broker is gone: %s", type(error).__name__)


def deliver_due(limit: int = 200) -> int:
    """Send what is due, each in its own transaction; returns how many left."""
    sent = 0
    server = get_connection()
    try:
        server.open()
    except (SMTPException, OSError) as error:
        # The server is gone for all mail alike, which says nothing against any of it: all stays due.
        logger.warning("Mail waits, the mail server is gone: %s", type(error).__name__)
        return 0
    with closing(server):
        for _ in range(limit):
            outcome = _deliver_next(server)
            if outcome is None:
                break
            sent += outcome
    return sent


def forget_old_mail() -> int:
    return OutgoingMail.objects.filter(gave_up_at__lt=timezone.now() - KEPT_AFTER_GIVING_UP).delete()[0]


@transaction.atomic
def _deliver_next(server) -> bool | None:
    """True: sent. False: it waits for another try. None: nothing is due.

    The row stays locked while the mail server answers, so two workers never send one mail. Killed in between, it is
    sent again: rather twice than never.
    """
    due = OutgoingMail.objects.filter(gave_up_at=None, next_try_at__lte=timezone.now())
    mail = due.select_for_update(skip_locked=True).order_by("next_try_at", "pk").first()
    if mail is None:
        return None
    try:
        _message(mail, server).send()
    except Exception as error:
        # Not those of the mail server alone: an address that no mail program can write down, such as one with a label
        # too long for the name system, would otherwise stay the first in the queue and stop all mail behind it.
        _put_off(mail, error)
        return False
    mail.delete()
    return True


def _message(mail: OutgoingMail, server) -> EmailMultiAlternatives:
    headers = {"Auto-Submitted": "auto-generated", "Content-Language": mail.language, **mail.headers}
    message = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.sender,
        [mail.to],
        headers=headers,
        connection=server,
        reply_to=[mail.reply_to] if mail.reply_to else None,
    )
    message.attach_alternative(mail.html, "text/html")
    for attachment in mail.attachments.all():
        message.attach(attachment.name, bytes(attachment.content), attachment.content_type)
    return message


def _put_off(mail: OutgoingMail, error: Exception) -> None:
    mail.attempts_count += 1
    # The server's words may hold the address; the kind of error is enough.
    mail.error = type(error).__name__
    now = timezone.now()
    mail.next_try_at = now + timedelta(seconds=min(30 * 2**mail.attempts_count, 6 * 3600))
    if mail.attempts_count >= MAX_ATTEMPTS:
        mail.gave_up_at = now
        key = mail.headers.get("Message-ID", "").strip("<>").rpartition("@")[0]
        transaction.on_commit(partial(mail_given_up.send, OutgoingMail, key=key), robust=True)
    mail.save(update_fields=["attempts_count", "error", "next_try_at", "gave_up_at"])
    logger.warning("Mail %s was not taken (%s), attempt %s", mail.pk, mail.error, mail.attempts_count)
