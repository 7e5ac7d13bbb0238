from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.files.uploads import UploadsField
from crm.pages.forms import LineField, MemberField, TenantForm, TenantModelForm
from customers.normalise import email_address

from ..attachments import MOST_FILES, refuse_programs
from ..choices.tickets import TicketPriority, TicketStatus
from ..models import Queue, Ticket

TEXT_LENGTH = 50_000
# More would leave by no mail.
FILES_LIMIT = 15 << 20

# How a ticket can stand after a reply: we wait, we are done, or there is more to do.
AFTER_REPLY = [
    (TicketStatus.PENDING, _("and wait for the customer")),
    (TicketStatus.SOLVED, _("and mark as solved")),
    (TicketStatus.OPEN, _("and keep it open")),
]


def queue_choice(**options: Any) -> forms.ModelChoiceField[Queue]:
    # A short list: a tenant has a handful.
    return forms.ModelChoiceField(label=_("Queue"), queryset=QuerySet(Queue).none(), **options)


def _files() -> UploadsField:
    return UploadsField(label=_("Files"), required=False, most=MOST_FILES, limit=FILES_LIMIT)


class TicketForm(TenantModelForm):
    """What an edit may change. Status and assignee have buttons of their own."""

    queue = queue_choice()
    sender_email = LineField(
        label=_("Sender's e-mail"),
        required=False,
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "off"}),
        help_text=_("Where answers go. Left empty: to the contact or the customer."),
    )

    class Meta:
        model = Ticket
        fields = [
            "subject",
            "queue",
            "priority",
            "channel",
            "customer",
            "contact",
            "sender_name",
            "sender_email",
            "external_id",
        ]

    sections = [
        ("", ["subject", "queue", "priority"]),
        (_("Who asks"), ["customer", "contact", "channel", "sender_name", "sender_email", "external_id"]),
    ]

    def clean_sender_email(self) -> str:
        email = email_address(self.cleaned_data["sender_email"])
        if email:
            validate_email(email)
        return email

    def clean(self):
        super().clean()
        contact, customer = self.cleaned_data.get("contact"), self.cleaned_data.get("customer")
        if contact and customer is None and "customer" not in self.errors:
            self.cleaned_data["customer"] = contact.customer
        elif contact and customer and contact.customer_id != customer.pk:
            self.add_error("contact", _("This contact belongs to another customer."))
        return self.cleaned_data


class NewTicketForm(TicketForm):
    text = forms.CharField(
        label=_("What it is about"), max_length=TEXT_LENGTH, strip=True, widget=forms.Textarea({"rows": 6})
    )
    attachments = _files()
    assignee = MemberField(
        label=_("Assignee"), queryset=QuerySet(User).none(), required=False, empty_label=_("Nobody yet")
    )

    class Meta(TicketForm.Meta):
        fields = [*TicketForm.Meta.fields, "assignee"]

    sections = [
        ("", ["subject", "text", "attachments", "queue", "priority", "assignee"]),
        (_("Who asks"), ["customer", "contact", "channel", "sender_name", "sender_email", "external_id"]),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["queue"].required = False
        cast("forms.ModelChoiceField[Queue]", self.fields["queue"]).empty_label = _("The one for all")

    def clean_attachments(self):
        refuse_programs(self.cleaned_data["attachments"])
        return self.cleaned_data["attachments"]


class MessageForm(TenantForm):
    text = forms.CharField(label=_("Text"), max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 5}))
    attachments = _files()

    def clean_attachments(self):
        refuse_programs(self.cleaned_data["attachments"])
        return self.cleaned_data["attachments"]


class ReplyForm(MessageForm):
    status = forms.TypedChoiceField(
        label=_("And then"),
        choices=AFTER_REPLY,
        initial=TicketStatus.PENDING,
        coerce=lambda value: TicketStatus(int(value)),
    )
    # The last line of the log that the writer has seen.
    seen = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)


class NoteForm(MessageForm):
    pass


class AssignForm(TenantForm):
    assignee = MemberField(label=_("Assignee"), queryset=QuerySet(User).none(), required=False, empty_label=_("Nobody"))


class StatusForm(TenantForm):
    status = forms.TypedChoiceField(
        label=_("Status"), choices=TicketStatus.choices, coerce=lambda value: TicketStatus(int(value))
    )


class PriorityForm(TenantForm):
    priority = forms.TypedChoiceField(
        label=_("Priority"), choices=TicketPriority.choices, coerce=lambda value: TicketPriority(int(value))
    )


class QueueChoiceForm(TenantForm):
    queue = queue_choice()
