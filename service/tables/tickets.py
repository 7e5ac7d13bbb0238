from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from crm.pages import formats
from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    PersonColumn,
    RelatedColumn,
    Table,
    YesNoColumn,
)

from ..choices.tickets import TicketPriority, TicketStatus
from ..models import Ticket

STATUS_COLORS = {
    TicketStatus.NEW: "blue",
    TicketStatus.OPEN: "azure",
    TicketStatus.PENDING: "yellow",
    TicketStatus.SOLVED: "green",
    TicketStatus.CLOSED: "gray",
}
PRIORITY_COLORS = {
    TicketPriority.URGENT: "red",
    TicketPriority.HIGH: "orange",
    TicketPriority.NORMAL: "gray",
    TicketPriority.LOW: "gray",
}


class DueColumn(DateTimeColumn):
    """How long there is still, or how late it is. A script keeps it going."""

    def show(self, value: datetime, row):
        late = ' class="gx-late"' if value < timezone.now() else ""
        return (
            f'<time datetime="{value.isoformat()}" title="{escape(formats.moment(value))}" data-ago{late}>'
            f"{escape(formats.ago(value))}</time>"
        )


class PriorityColumn(ChoiceColumn):
    """Only what is to be done sooner than usual stands out."""

    def show(self, value, row):
        return super().show(value, row) if value > TicketPriority.NORMAL else escape(self.words(row))


def _number(ticket: Ticket) -> str:
    return f"#{ticket.number}"


class TicketTable(Table):
    subject = LinkColumn(_("Subject"), note=_number)
    customer = RelatedColumn(_("Customer"))
    status = ChoiceColumn(_("Status"), colors=STATUS_COLORS)
    priority = PriorityColumn(_("Priority"), colors=PRIORITY_COLORS)
    due_at = DueColumn(_("Due"), sort="due_at")
    assignee = PersonColumn(_("Assignee"))
    queue = RelatedColumn(_("Queue"), visible=False)
    number = Column(_("Number"), sort="number", visible=False, css="text-nowrap gx-digits")
    channel = ChoiceColumn(_("Channel"), visible=False)
    contact = RelatedColumn(_("Contact"), visible=False)
    sender_name = Column(_("Sender"), visible=False)
    sender_email = Column(_("Sender's e-mail"), visible=False)
    first_reply_missed = YesNoColumn(_("First reply missed"), visible=False)
    resolve_missed = YesNoColumn(_("Solution missed"), visible=False)
    first_replied_at = DateTimeColumn(_("First reply"), visible=False)
    solved_at = DateTimeColumn(_("Solved"), visible=False)
    closed_at = DateTimeColumn(_("Closed"), visible=False)
    external_id = Column(_("External number"), visible=False)
    created_at = DateTimeColumn(_("Created"), sort="created_at", visible=False)
    updated_at = DateTimeColumn(_("Updated"), sort="updated_at")

    default_sort = "-updated_at"
