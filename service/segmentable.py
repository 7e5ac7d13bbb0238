"""What segments may ask of a customer's tickets."""

from django.utils.translation import gettext_lazy as _

from crm.segmentable import CountTrait, counted, register

from .choices.tickets import TicketStatus
from .models import Ticket

register(
    CountTrait(
        "service.open_tickets",
        _("Open tickets"),
        "row_count",
        group=_("Tickets"),
        through=counted(Ticket, status__lt=TicketStatus.SOLVED),
    ),
)
