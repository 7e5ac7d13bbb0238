"""Mails to customers: replies, and the words that something came in. How an answer finds its ticket again.

An answer is known by the number of the mail that it answers (References), and by the address it is sent to, which holds
the ticket's number and a proof that we wrote it: some mail programs keep the one, some the other.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from crm.mail.bulk import message_id
from crm.mail.messages import MOST_ATTACHED, Attachment, send_mail_message
from crm.public import limits
from crm.public.addresses import link_url
from crm.public.tokens import make_token, read_token
from crm.tenancy.context import current_tenant_id, tenant_atomic
from crm.tenancy.models import Tenant

from .addresses import answer_address, is_address, mailbox_of, our_addresses, with_ticket
from .models import Mailbox, Ticket, TicketAttachment, TicketMessage
from .operations.tickets import add_note
from .portal import TICKET, portal_settings

REPLY, NOTICE = "reply", "notice"
# Mails of which the headers of an answer speak. The last ones do; a header has an end.
_MOST_REFERENCES = 10
# That something came in, is said to one address so often within a minute; forms can be sent in anybody's name.
_NOTICES_PER_MINUTE = 2


def carry_by_mail(reply: TicketMessage) -> None:
    """Write a reply to the customer, when an address is known (operations/outgoing.py)."""
    ticket = reply.ticket
    to = answer_address(ticket)
    if not to or not is_address(to) or to in our_addresses():
        return
    tenant = Tenant.objects.get(pk=ticket.tenant_id)
    mailbox = mailbox_of(ticket.queue)
    earlier = _earlier(ticket, reply)
    reply.message_id = message_id(make_token(tenant, REPLY, reply.pk))
    reply.save(update_fields=["message_id"])
    files = list(TicketAttachment.objects.filter(message=reply).select_related("file").order_by("pk"))
    is_too_much = sum(one.file.size for one in files) > MOST_ATTACHED
    send_mail_message(
        "ticket_reply",
        to,
        {
            "ticket": ticket,
            "text": reply.text,
            "author": reply.author,
            "link": status_link(tenant, ticket),
            "files": files if is_too_much else [],
            "can_answer": mailbox is not None,
        },
        tenant.language,
        tenant,
        attachments=() if is_too_much else [_attached(one) for one in files],
        reply_to=_reply_to(mailbox, ticket),
        headers={"Message-ID": reply.message_id, "Auto-Submitted": "no", **_thread(earlier)},
    )


def confirm(message: TicketMessage, *, language: str = "") -> None:
    """Tell whoever opened a ticket that it came in, and where to look at it.

    Says nothing of what they wrote: it may go to somebody in whose name another has written.
    """
    ticket, to = message.ticket, message.sender_email
    if not to or not is_address(to) or to in our_addresses():
        return
    if not limits.allows("notice", _counted_as(ticket.tenant_id, to), _NOTICES_PER_MINUTE):
        return
    tenant = Tenant.objects.get(pk=ticket.tenant_id)
    mailbox = mailbox_of(ticket.queue)
    send_mail_message(
        "ticket_received",
        to,
        {"ticket": ticket, "link": status_link(tenant, ticket), "can_answer": mailbox is not None},
        language or tenant.language,
        tenant,
        reply_to=_reply_to(mailbox, ticket),
        headers={
            "Message-ID": message_id(make_token(tenant, NOTICE, message.pk)),
            "Auto-Submitted": "auto-replied",
            # Exchange reads this one.
            "X-Auto-Response-Suppress": "All",
            **_thread([message.message_id] if message.message_id else []),
        },
    )


def confirmed_by(number: str) -> TicketMessage | None:
    """The message that a mail of this number confirmed, when it was one of the current tenant's."""
    token = read_token(number.strip("<>").rpartition("@")[0])
    if token is None or token.kind != NOTICE or token.tenant_id != current_tenant_id() or token.pk is None:
        return None
    return TicketMessage.objects.filter(pk=token.pk).select_related("ticket").first()


def note_given_up(*, key: str, **signal: Any) -> None:
    """A reply never left. Whoever wrote it thinks that the customer has it: the ticket says so, and is open again."""
    token = read_token(key)
    if token is None or token.kind != REPLY or token.pk is None:
        return
    with tenant_atomic(token.tenant_id):
        reply = TicketMessage.objects.filter(pk=token.pk).select_related("ticket").first()
        if reply is None:
            return
        language = Tenant.objects.values_list("language", flat=True).get(pk=token.tenant_id)
        with translation.override(language):
            text = _("The reply could not be sent: the mail server has not taken it for days. It was given up.")
        add_note(ticket=reply.ticket, author=None, text=text, reopens=True)


def status_link(tenant: Tenant, ticket: Ticket) -> str:
    """The page on which the customer sees how it stands; "" while the portal is closed."""
    if not portal_settings().is_open:
        return ""
    return link_url(make_token(tenant, TICKET, ticket.pk), "portal_links:ticket")


def visitor_language() -> str:
    """The language of the page that somebody writes on."""
    return get_language() or ""


def _counted_as(tenant_id: int, address: str) -> str:
    """A key for the counting of mails to one address."""
    return hashlib.sha256(f"{tenant_id} {address}".encode()).hexdigest()


def _earlier(ticket: Ticket, reply: TicketMessage) -> list[str]:
    """The numbers of the ticket's mails, the first one first."""
    rows = ticket.messages.exclude(pk=reply.pk).filter(message_id__gt="").order_by("-at", "-pk")
    return list(rows.values_list("message_id", flat=True)[:_MOST_REFERENCES])[::-1]


def _thread(earlier: list[str]) -> dict[str, str]:
    return {"In-Reply-To": earlier[-1], "References": " ".join(earlier)} if earlier else {}


def _reply_to(mailbox: Mailbox | None, ticket: Ticket) -> str:
    if mailbox is None:
        return ""
    return with_ticket(mailbox.address, ticket) if mailbox.has_plus else mailbox.address


def _attached(one: TicketAttachment) -> Attachment:
    with one.file.open() as file:
        return Attachment(one.file.name, file.read(), one.file.content_type)
