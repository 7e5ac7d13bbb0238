"""How tickets show in the search palette."""

from django.utils.translation import gettext_lazy as _

from crm.search.registry import SearchKind

from .models import Ticket, TicketSearch
from .search import find_tickets


def _where(ticket: Ticket) -> str:
    who = ticket.customer.name if ticket.customer else ticket.sender_name
    return " · ".join(filter(None, [who, str(ticket.get_status_display())]))


TICKETS = SearchKind("tickets", Ticket, _("Tickets"), "ticket", find_tickets, _where, entry=TicketSearch)
