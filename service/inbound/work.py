"""Jobs and tasks of incoming mail."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.celery import app
from crm.errors import CrmError
from crm.jobs import JobContext, job
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from ..choices.mail import InboundState
from ..models import InboundMail, Mailbox
from .fetching import fetch_mailbox
from .imap import FetchFailed
from .storing import TAKE_IN, have_read
from .taking import take_in_waiting

logger = logging.getLogger(__name__)

FETCH = "service.fetch_mailbox"
# What waits longer has been forgotten by whoever was to read it.
_FORGOTTEN = timedelta(minutes=2)
# Mails of which a ticket was made are there, in its thread; the bytes are kept for those who have to look it up.
KEPT = timedelta(days=90)
KEPT_ASIDE = timedelta(days=30)
_AT_ONCE = 500


@job(TAKE_IN, title=_("Read incoming mail"), time_limit=1800, max_attempts=10)
def take_in_mail(ctx: JobContext) -> None:
    for done, _mail in enumerate(take_in_waiting(), 1):
        ctx.progress(done)


@job(FETCH, title=_("Fetch mail"), time_limit=1800, max_attempts=3)
def fetch_one(ctx: JobContext, *, mailbox_id: int) -> None:
    with transaction.atomic():
        mailbox = Mailbox.objects.fetched().filter(pk=mailbox_id).first()
    if mailbox is None:
        return
    try:
        fetch_mailbox(tenant=ctx.tenant, mailbox=mailbox, tell=ctx.progress)
    except FetchFailed as failed:
        # In words, and not repeated: whoever set the mailbox up has to do something.
        raise CrmError(failed.problem.label) from failed


@app.task(name="service.fetch_mail", time_limit=300)
def fetch_mail() -> None:
    """A task for each mailbox: one server that does not answer keeps no other waiting. And what was forgotten."""
    for tenant in Tenant.objects.filter(is_active=True).order_by("pk"):
        try:
            with use_tenant(tenant), transaction.atomic():
                mailboxes = list(Mailbox.objects.fetched().values_list("pk", flat=True))
                if InboundMail.objects.waiting().filter(received_at__lt=timezone.now() - _FORGOTTEN).exists():
                    have_read(tenant)
        except DatabaseError:
            # The next round tries again; the other tenants' mail is fetched.
            logger.exception("Tenant %s was passed over.", tenant.pk)
            continue
        for mailbox_id in mailboxes:
            fetch_in_turn.apply_async(kwargs={"tenant_id": tenant.pk, "mailbox_id": mailbox_id}, expires=60)


@app.task(name="service.fetch_in_turn", time_limit=600)
def fetch_in_turn(tenant_id: int, mailbox_id: int) -> None:
    with use_tenant(tenant_id):
        with transaction.atomic():
            mailbox = Mailbox.objects.fetched().filter(pk=mailbox_id).first()
        if mailbox is None:
            return
        try:
            fetch_mailbox(tenant=Tenant.objects.get(pk=tenant_id), mailbox=mailbox)
        except FetchFailed as failed:
            # Noted at the mailbox, where people see it.
            logger.warning("Mailbox %s was not fetched: %s", mailbox_id, failed.problem.value)


@app.task(name="service.forget_mail", time_limit=3600)
def forget_mail() -> None:
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with use_tenant(tenant_id):
            forget_old_mail()


def forget_old_mail() -> int:
    """Delete what was read long ago, sooner where no ticket was made of it. What is in quarantine stays; how many."""
    now, deleted = timezone.now(), 0
    made = [InboundState.OPENED, InboundState.ADDED]
    aside = [InboundState.ASIDE, InboundState.BOUNCE, InboundState.DUPLICATE, InboundState.DISCARDED]
    for states, kept in ((made, KEPT), (aside, KEPT_ASIDE)):
        old = InboundMail.objects.filter(received_at__lt=now - kept, state__in=states).order_by("received_at", "pk")
        while True:
            with transaction.atomic():
                some = list(old.values_list("pk", flat=True)[:_AT_ONCE])
                if not some:
                    break
                deleted += InboundMail.objects.filter(pk__in=some).delete()[0]
    return deleted
