from __future__ import annotations

from django.template.defaultfilters import filesizeformat
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from crm.pages.tables import (
    ChoiceColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    NumberColumn,
    RelatedColumn,
    Table,
    YesNoColumn,
)

from ..choices.mail import InboundState
from ..models import InboundMail

STATE_COLORS: dict[str, str] = {
    InboundState.WAITING: "blue",
    InboundState.OPENED: "green",
    InboundState.ADDED: "green",
    InboundState.QUARANTINE: "orange",
    InboundState.ASIDE: "gray",
    InboundState.BOUNCE: "gray",
    InboundState.DUPLICATE: "gray",
    InboundState.DISCARDED: "gray",
}


class SizeColumn(NumberColumn):
    def show(self, value, row):
        return escape(filesizeformat(value))


def _subject(mail: InboundMail) -> str:
    return str(mail)


def _sender(mail: InboundMail) -> str:
    return mail.sender_email


class InboundMailTable(Table):
    subject = LinkColumn(_("Subject"), accessor=_subject, note=_sender)
    state = ChoiceColumn(_("What became of it"), colors=STATE_COLORS)
    reason = ChoiceColumn(_("Why"))
    mailbox = RelatedColumn(_("Mailbox"), visible=False)
    ticket = RelatedColumn(_("Ticket"), related=["ticket_message__ticket"])
    sender_name = Column(_("Sender"), visible=False)
    via = ChoiceColumn(_("Came by"), visible=False)
    size = SizeColumn(_("Size"), visible=False)
    received_at = DateTimeColumn(_("Received"), sort="received_at")

    default_sort = "-received_at"


class MailboxTable(Table):
    address = LinkColumn(_("Address"), sort="address")
    queue = RelatedColumn(_("Queue"))
    imap_host = Column(_("IMAP server"))
    fetched_at = DateTimeColumn(_("Last fetched"))
    problem = ChoiceColumn(_("Problem"))
    is_default = YesNoColumn(_("Takes answers of other queues"), visible=False)
    is_active = YesNoColumn(_("In use"))

    default_sort = "address"
