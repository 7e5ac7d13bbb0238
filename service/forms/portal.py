"""What visitors fill in, without login."""

from __future__ import annotations

import uuid

from django import forms
from django.conf import settings
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from crm.files.uploads import UploadsField
from crm.pages.forms import LineField
from crm.pages.widgets import dress
from customers.normalise import email_address

from ..attachments import MOST_FILES, refuse_programs

TEXT_LENGTH = 20_000


class VisitorForm(forms.Form):
    text = forms.CharField(
        label=_("Your message"), max_length=TEXT_LENGTH, widget=forms.Textarea({"rows": 7, "autocomplete": "off"})
    )
    attachments = UploadsField(label=_("Files"), required=False, most=MOST_FILES)
    # One sending: sent again, by a second click or a reload, it does nothing more.
    once = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("initial", {})
        kwargs["initial"].setdefault("once", str(uuid.uuid4()))
        super().__init__(*args, **kwargs)
        limit = settings.PUBLIC_UPLOAD_MAX_BYTES
        self.fields["attachments"].limit = limit  # type: ignore[attr-defined]  # an UploadsField
        for field in self.fields.values():
            dress(field)

    def clean_attachments(self):
        refuse_programs(self.cleaned_data["attachments"])
        return self.cleaned_data["attachments"]

    def clean_once(self) -> str:
        return str(self.cleaned_data["once"] or uuid.uuid4())


class RequestForm(VisitorForm):
    """A new ticket."""

    name = LineField(label=_("Your name"), max_length=200, widget=forms.TextInput({"autocomplete": "name"}))
    email = LineField(
        label=_("Your e-mail"),
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "email"}),
        help_text=_("Where our answer goes."),
    )
    subject = LineField(label=_("Subject"), max_length=200)
    # Nobody sees it; programs that fill in whatever they find do.
    website = forms.CharField(required=False, widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}))

    field_order = ("name", "email", "subject", "text", "attachments")

    @property
    def is_filled_by_a_program(self) -> bool:
        return bool(self.data.get("website"))

    @property
    def shown(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name != "website"]

    def clean_email(self) -> str:
        email = email_address(self.cleaned_data["email"])
        validate_email(email)
        return email


class AnswerForm(VisitorForm):
    """More to a ticket, on its page."""

    @property
    def shown(self) -> list[forms.BoundField]:
        return list(self.visible_fields())
