"""Who wrote, where answers go, and what an address says of the ticket it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from crm.tenancy.context import current_tenant_id
from customers.models import Contact, Customer

from .models import Mailbox, Queue, Ticket

_SALT = "service.addresses"
_KEY = re.compile(r"(?P<number>[0-9a-z]{1,13})-(?P<proof>[0-9a-f]{16})")


def is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


# -- the ticket in an address: support+<number>-<proof>@acme.example


def with_ticket(address: str, ticket: Ticket) -> str:
    """The address under which a mail is known to be about the ticket. Small letters: some servers make all small."""
    local, _at, domain = address.rpartition("@")
    number = int_to_base36(ticket.pk)
    return f"{local}+{number}-{_proof(ticket.tenant_id, number, settings.SECRET_KEY)}@{domain}"


def without_more(address: str) -> str:
    """The address of the mailbox: what stands behind the plus left out."""
    local, at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def ticket_in(addresses: Iterable[str]) -> Ticket | None:
    """The ticket that one of the addresses names, when we are the ones who wrote it."""
    for address in addresses:
        found = _KEY.fullmatch(address.lower().rpartition("@")[0].partition("+")[2])
        if found is None or not _is_ours(found["number"], found["proof"]):
            continue
        ticket = Ticket.objects.filter(pk=base36_to_int(found["number"])).first()
        if ticket is not None:
            return ticket
    return None


def _is_ours(number: str, proof: str) -> bool:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(proof, _proof(current_tenant_id(), number, key)) for key in keys)


def _proof(tenant_id: int, number: str, secret: str) -> str:
    return salted_hmac(_SALT, f"{tenant_id} {number}", secret=secret, algorithm="sha256").hexdigest()[:16]


# -- people


def known_sender(email: str) -> tuple[Customer | None, Contact | None]:
    """Whose address it is; nobody's when several share it, for then it says nothing."""
    if not email:
        return None, None
    contacts = list(Contact.objects.filter(email=email).select_related("customer")[:2])
    if len(contacts) == 1:
        return contacts[0].customer, contacts[0]
    customers = list(Customer.objects.filter(email=email)[:2])
    return (customers[0], None) if len(customers) == 1 and not contacts else (None, None)


def answer_address(ticket: Ticket) -> str:
    """Where answers go; "" when no address is known."""
    people = (ticket.contact, ticket.customer)
    return ticket.sender_email or next((person.email for person in people if person and person.email), "")


# -- mailboxes


def mailbox_of(queue: Queue) -> Mailbox | None:
    """Where answers to the tickets of a queue are to go: its own mailbox, else the one for all, else any."""
    boxes = list(Mailbox.objects.filter(is_active=True).order_by("-is_default", "pk"))
    own = [box for box in boxes if box.queue_id == queue.pk]
    return next(iter([*own, *boxes]), None)


def our_addresses() -> set[str]:
    """Addresses to which we do not write, lest we answer ourselves without end."""
    return set(Mailbox.objects.values_list("address", flat=True))
