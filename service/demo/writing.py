"""The demo's mailbox and portal, mail that waits for a decision, and a few files of customers."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from io import BytesIO

from django.db import transaction

from crm.demo.registry import DemoTenant, demo
from crm.files.operations import store_file

from ..choices.mail import InboundVia
from ..choices.tickets import MessageKind
from ..inbound.storing import keep_mail
from ..inbound.taking import take_in
from ..models import InboundMail, Mailbox, PortalSettings, TicketAttachment, TicketMessage
from .writing_texts import DOORS, Letter

# The last messages of customers that a file came with.
_WITH_FILES = 3


@demo
def open_doors(world: DemoTenant) -> None:
    texts = DOORS[world.is_chinese]
    with transaction.atomic():
        PortalSettings.objects.get_or_create(defaults={"greeting": texts.greeting})
        address = f"support@{world.tenant.slug}.example"
        mailbox, _ = Mailbox.objects.get_or_create(address=address, defaults={"is_default": True})
        if not InboundMail.objects.exists():
            for number, letter in enumerate(texts.letters, 1):
                _receive(world, mailbox, letter, number)
        if not TicketAttachment.objects.exists():
            _attach(world, texts.file_name, texts.file_text)


def _receive(world: DemoTenant, mailbox: Mailbox, letter: Letter, number: int) -> None:
    at = world.now - timedelta(hours=5 * number)
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = mailbox.address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<demo-{number}@mail.{world.tenant.slug}.example>"
    for name, value in letter.headers:
        message[name] = value
    message.set_content(letter.text)
    mail, _ = keep_mail(raw=message.as_bytes(), via=InboundVia.COMMAND, envelope_to=mailbox.address)
    InboundMail.objects.filter(pk=mail.pk).update(received_at=at)
    mail.received_at = at
    take_in(mail, now=at)


def _attach(world: DemoTenant, name: str, text: str) -> None:
    rows = TicketMessage.objects.filter(kind=MessageKind.INBOUND, ticket__status__lt=3).order_by("-ticket_id", "-pk")
    seen: set[int] = set()
    for message in rows[: 10 * _WITH_FILES]:
        if message.ticket_id in seen or len(seen) == _WITH_FILES:
            continue
        seen.add(message.ticket_id)
        source = BytesIO(text.format(number=len(seen)).encode())
        file = store_file(tenant=world.tenant, source=source, name=name.format(number=len(seen)))
        TicketAttachment.objects.create(ticket_id=message.ticket_id, message=message, file=file)
