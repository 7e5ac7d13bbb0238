"""One module per subject; all models are named here, where Django looks for them."""

from .settings import BusinessCalendar, Queue, SlaPolicy, SpecialDay
from .tickets import Ticket, TicketCounter, TicketEvent, TicketMessage, TicketSearch

__all__ = [
    "BusinessCalendar",
    "Queue",
    "SlaPolicy",
    "SpecialDay",
    "Ticket",
    "TicketCounter",
    "TicketEvent",
    "TicketMessage",
    "TicketSearch",
]
