"""Forms of mailboxes and of the portal's settings."""

from __future__ import annotations

from django import forms
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from crm.pages.forms import LineField, TenantForm, TenantModelForm
from customers.normalise import email_address

from ..models import Mailbox, PortalSettings
from .tickets import queue_choice


class MailboxForm(TenantModelForm):
    address = LineField(
        label=_("Address"),
        max_length=254,
        widget=forms.TextInput({"type": "email", "autocomplete": "off"}),
        help_text=_("The address that customers write to."),
    )
    queue = queue_choice(required=False, empty_label=_("The one for all"))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        max_length=500,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Kept encrypted, and never shown. Left empty, it stays as it is."),
    )

    class Meta:
        model = Mailbox
        fields = [
            "address",
            "queue",
            "is_active",
            "is_default",
            "confirms",
            "has_plus",
            "imap_host",
            "imap_port",
            "imap_security",
            "imap_user",
            "imap_folder",
        ]
        help_texts = {
            "queue": _("Where tickets of this mailbox go."),
            "confirms": _("Whoever writes gets a short answer with a link to the ticket. Machines get none."),
            "has_plus": _(
                "Answers then find their ticket by name+ticket@domain. Switch it off where such mail is lost."
            ),
            "imap_host": _("Left empty: the mail server hands the mail over itself (manage.py receive_mail)."),
            "imap_user": _("The address, when left empty."),
        }

    sections = [
        ("", ["address", "queue", "is_active", "is_default", "confirms", "has_plus"]),
        (
            _("Where the mail is fetched"),
            ["imap_host", "imap_port", "imap_security", "imap_user", "password", "imap_folder"],
        ),
    ]

    def clean_address(self) -> str:
        address = email_address(self.cleaned_data["address"])
        validate_email(address)
        if "+" in address.partition("@")[0]:
            raise forms.ValidationError(_("An address with “+” cannot take answers. Enter the one of the mailbox."))
        return address

    def clean_imap_host(self) -> str:
        return self.cleaned_data["imap_host"].strip().lower()

    def clean(self):
        super().clean()
        has_password = self.cleaned_data.get("password") or self.instance.imap_password_sealed
        if self.cleaned_data.get("imap_host") and not has_password and "password" not in self.errors:
            self.add_error("password", _("The mail server asks for a password."))
        return self.cleaned_data


class PortalSettingsForm(TenantModelForm):
    queue = queue_choice(required=False, empty_label=_("The one for all"))

    class Meta:
        model = PortalSettings
        fields = ["is_open", "greeting", "queue"]
        widgets = {"greeting": forms.Textarea({"rows": 4})}
        help_texts = {
            "is_open": _("Closed, the page is not there, and mails have no link to it."),
            "greeting": _("Stands above the form. Customers see it as it is written here."),
        }


class ReleaseForm(TenantForm):
    """Asks nothing more."""
