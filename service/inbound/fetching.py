"""Fetch what has come into a mailbox. Each mail is kept before the next one is asked for.

How far the folder was read is kept in the same transaction as the mail, so whatever is killed in between loses none and
fetches none for nothing; after an outage of days the reading goes on where it ended.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from crm.tenancy.models import Tenant

from ..choices.mail import InboundVia
from ..models import Mailbox
from .imap import FetchFailed, Folder, Waiting, open_folder
from .storing import BEGINNING, have_read, keep_mail

# One fetching takes so many; the next one, a minute later, goes on.
MOST_AT_ONCE = 200


def fetch_mailbox(
    *, tenant: Tenant, mailbox: Mailbox, tell: Callable[[int, int], None] = lambda done, total: None
) -> int:
    """Fetch what is new, and have it read; returns how many mails. Called in the tenant, outside a transaction.

    Raises FetchFailed, which is noted at the mailbox too.
    """
    fetched = 0
    try:
        with open_folder(mailbox) as folder:
            _begin_anew_if_other(mailbox, folder)
            waiting = folder.after(mailbox.last_uid, _first_day(mailbox))[:MOST_AT_ONCE]
            for done, one in enumerate(waiting):
                tell(done, len(waiting))
                fetched += _fetch(mailbox, folder, one)
        _note(mailbox, problem="")
    except FetchFailed as failed:
        _note(mailbox, problem=failed.problem.value)
        raise
    finally:
        if fetched:
            # One job for all of them. Should this process die before, the scheduler has them read.
            have_read(tenant)
    return fetched


def _begin_anew_if_other(mailbox: Mailbox, folder: Folder) -> None:
    """The server has counted its messages anew. What we have already is known by its bytes."""
    if mailbox.uid_validity == folder.validity:
        return
    mailbox.uid_validity, mailbox.last_uid = folder.validity, 0
    _write(mailbox, "uid_validity", "last_uid")


def _first_day(mailbox: Mailbox) -> date | None:
    """At the first reading: mail of the day on which the mailbox was set up, not the letters of ten years before."""
    return None if mailbox.last_uid else (mailbox.created_at - timedelta(days=1)).date()


def _fetch(mailbox: Mailbox, folder: Folder, one: Waiting) -> bool:
    is_too_large = one.size > settings.INBOUND_MAIL_MAX_BYTES
    raw = folder.read(one.uid, BEGINNING if is_too_large else 0)
    is_new = False
    with transaction.atomic():
        if raw is not None:
            is_new = keep_mail(raw=raw, via=InboundVia.IMAP, mailbox=mailbox, size=one.size)[1]
        mailbox.last_uid = one.uid
        _write(mailbox, "last_uid")
    return is_new


def _note(mailbox: Mailbox, *, problem: str) -> None:
    mailbox.problem = problem
    mailbox.fetched_at = timezone.now() if not problem else mailbox.fetched_at
    _write(mailbox, "problem", "fetched_at")


@transaction.atomic
def _write(mailbox: Mailbox, *fields: str) -> None:
    """Not by save(): who changes the mailbox's settings meanwhile is not to be told of a conflict."""
    Mailbox.objects.filter(pk=mailbox.pk).update(**{name: getattr(mailbox, name) for name in fields})
