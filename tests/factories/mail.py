"""Mails as programs write them, and mailboxes. Called inside the tenant."""

from __future__ import annotations

from email.message import EmailMessage
from itertools import count

from service.choices.mail import InboundVia
from service.inbound.storing import keep_mail
from service.inbound.taking import take_in
from service.models import InboundMail, Mailbox

_numbers = count(1)


def make_mailbox(**fields) -> Mailbox:
    return Mailbox.objects.create(**({"address": "support@acme.example"} | fields))


def write_mail(
    text: str = "It does not work.", *, html: str = "", files: dict[str, bytes] | None = None, **head
) -> bytes:
    """`head`: headers, with _ for -. None leaves one out that a mail usually has."""
    usual = {
        "From": "Ann Lee <ann@river.example>",
        "To": "support@acme.example",
        "Subject": "Printer on fire",
        "Message_ID": f"<{next(_numbers)}@river.example>",
    }
    message = EmailMessage()
    for name, value in (usual | head).items():
        if value is not None:
            message[name.replace("_", "-")] = value
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def receive(raw: bytes | None = None, **head) -> InboundMail:
    """Kept and read, as the command and its job do it."""
    mail, _is_new = keep_mail(raw=raw or write_mail(**head), via=InboundVia.COMMAND)
    return take_in(InboundMail.objects.get(pk=mail.pk))
