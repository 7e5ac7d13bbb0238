"""What customers write on the pages without login (docs/service.md, "The portal")."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from crm.mail.bulk import message_id
from crm.public.tokens import make_token
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from .addresses import known_sender
from .attachments import NewFile
from .choices.tickets import TicketChannel
from .models import PortalSettings, Ticket, TicketMessage
from .operations.tickets import open_ticket, receive_message

# What a link to the page of one ticket says that it is for.
TICKET = "ticket"


def portal_settings() -> PortalSettings:
    """Those of the tenant, or the usual ones."""
    return PortalSettings.objects.select_related("queue").first() or PortalSettings()


@transaction.atomic
def take_in_request(
    *, tenant: Tenant, name: str, email: str, subject: str, text: str, files: Sequence[NewFile], once: str
) -> tuple[TicketMessage, bool]:
    """Open a ticket; returns its message, and whether it is new: sent twice (`once`), a form opens one ticket."""
    number, known = _sent_before(once)
    if known is not None:
        return known, False
    customer, contact = known_sender(email)
    ticket = Ticket(subject=subject, channel=TicketChannel.PORTAL, customer=customer, contact=contact)
    if (queue := portal_settings().queue) is not None:
        ticket.queue = queue
    message = open_ticket(
        ticket=ticket, text=text, sender_name=name, sender_email=email, message_id=number, files=files
    )
    return message, True


@transaction.atomic
def take_in_answer(*, ticket: Ticket, text: str, files: Sequence[NewFile], once: str) -> TicketMessage:
    """Add what somebody wrote on the page of a ticket, once however often it is sent."""
    number, known = _sent_before(once)
    return known or receive_message(
        ticket=ticket,
        text=text,
        sender_name=ticket.sender_name,
        sender_email=ticket.sender_email,
        channel=TicketChannel.PORTAL,
        message_id=number,
        files=files,
    )


def link_token(ticket: Ticket) -> str:
    return make_token(ticket.tenant_id, TICKET, ticket.pk)


def _sent_before(once: str) -> tuple[str, TicketMessage | None]:
    """The number of what a form sends, and the message that has it already. The second of two waits for the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [once, current_tenant_id()])
    number = message_id(f"portal-{once}")
    return number, TicketMessage.objects.filter(message_id=number).select_related("ticket").first()
