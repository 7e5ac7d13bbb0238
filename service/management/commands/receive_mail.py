"""What a mail server calls for each mail to an address of the service: the mail comes by standard input.

Ends with 0 once the mail is kept, and it is the product's. With any other answer it is still the mail server's, which
delivers it again later (75), or gives it up (67: there is no such tenant).

Mails that could not be delivered come back to the one address that all tenants' mails are sent from. Each of ours has a
signed number, which says whose it is: without --tenant the first such number in the mail counts.
"""

from __future__ import annotations

import os
import re
import sys
from argparse import ArgumentParser
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import translation

from crm.jobs import run_job, start_job
from crm.public.tokens import read_token
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant
from service.choices.mail import InboundVia
from service.inbound.storing import TAKE_IN, have_read, keep_mail

_CHUNK = 1 << 20
_OUR_NUMBER = re.compile(rb"<([0-9a-z]{1,13}-[a-z]{1,20}-[A-Za-z0-9_-]{1,60}\.[A-Za-z0-9_-]{20,60})@")


class Command(BaseCommand):
    help = "Take in a mail from standard input: it is kept first, and read by a worker."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tenant", default="", metavar="SLUG", help="left out: whose mail it answers or brings back"
        )
        parser.add_argument(
            "--to", default="", metavar="ADDRESS", help="whom the mail server was asked to deliver it to"
        )
        parser.add_argument("--now", action="store_true", help="read it at once, in this process")

    def handle(self, *args: Any, tenant: str, to: str, now: bool, **options: Any) -> None:
        raw, size = read_at_most(sys.stdin.buffer, settings.INBOUND_MAIL_MAX_BYTES + 1)
        try:
            if not raw.strip():
                raise CommandError("There is no mail on standard input.", returncode=os.EX_DATAERR)
            named = {"slug": tenant} if tenant else {"pk": tenant_in(raw)}
            found = Tenant.objects.filter(is_active=True, **named).first()
            if found is None:
                raise CommandError(f"There is no tenant “{tenant}”.", returncode=os.EX_NOUSER)
            self._keep(found, raw, size, to, now=now)
        except DatabaseError as error:
            raise CommandError(
                "The database does not answer. Deliver the mail later.", returncode=os.EX_TEMPFAIL
            ) from error

    def _keep(self, tenant: Tenant, raw: bytes, size: int, to: str, *, now: bool) -> None:
        with translation.override(tenant.language), use_tenant(tenant):
            with transaction.atomic():
                mail, is_new = keep_mail(raw=raw, size=size, via=InboundVia.COMMAND, envelope_to=to.strip().lower())
                if is_new and not now:
                    have_read(tenant)
            if now:
                run_job(start_job(TAKE_IN, tenant=tenant, wake=False))
        self.stdout.write(f"{mail.pk} {'kept' if is_new else 'known'}")


def tenant_in(raw: bytes) -> int | None:
    """The number of the tenant whose mail is named in this one, before anything of it is taken apart."""
    for found in _OUR_NUMBER.finditer(raw):
        if (token := read_token(found[1].decode("ascii"))) is not None:
            return token.tenant_id
    return None


def read_at_most(source: BinaryIO, most: int) -> tuple[bytes, int]:
    """The first bytes, and how many there are in all. Read to the end: the mail server waits for that."""
    kept, size = bytearray(), 0
    while chunk := source.read(_CHUNK):
        kept += chunk[: max(0, most - len(kept))]
        size += len(chunk)
    return bytes(kept), size
