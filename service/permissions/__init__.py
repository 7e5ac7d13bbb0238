"""Who may do what in service. One module per subject; `POLICIES` is what the app registers."""

from crm.access.policy import Policy

from .mail import InboundMailPolicy, MailboxPolicy, PortalSettingsPolicy, TicketAttachmentPolicy
from .settings import BusinessCalendarPolicy, QueuePolicy, SlaPolicyPolicy, SpecialDayPolicy
from .tickets import TicketMessagePolicy, TicketPolicy

POLICIES: tuple[type[Policy], ...] = (
    TicketPolicy,
    TicketMessagePolicy,
    QueuePolicy,
    BusinessCalendarPolicy,
    SpecialDayPolicy,
    SlaPolicyPolicy,
    MailboxPolicy,
    PortalSettingsPolicy,
    InboundMailPolicy,
    TicketAttachmentPolicy,
)
