"""One module per subject; all models are named here, where Django looks for them."""

from .mail import InboundMail, Mailbox, PortalSettings, TicketAttachment
from .rollups import TicketDay, TicketState
from .settings import BusinessCalendar, Queue, SlaPolicy, SpecialDay
from .tickets import Ticket, TicketCounter, TicketEvent, TicketMessage, TicketSearch

__all__ = [
    "BusinessCalendar",
    "InboundMail",
    "Mailbox",
    "PortalSettings",
    "Queue",
    "SlaPolicy",
    "SpecialDay",
    "Ticket",
    "TicketAttachment",
    "TicketCounter",
    "TicketDay",
    "TicketEvent",
    "TicketMessage",
    "TicketSearch",
    "TicketState",
]
