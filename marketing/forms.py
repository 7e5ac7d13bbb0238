from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.errors import CrmError
from crm.html import text_to_html
from crm.pages.forms import PickField, TenantForm, TenantModelForm
from customers.models import Customer

from .builder import ConditionsField
from .content import Content, is_html, lost_placeholders, parse_text, tidy
from .models import Campaign, CampaignResult, EmailTemplate, Segment, Suppression
from .operations import SLACK


class SegmentForm(TenantModelForm):
    conditions = ConditionsField(label=pgettext_lazy("a segment", "Conditions"), required=False)

    class Meta:
        model = Segment
        fields = ["name", "note", "conditions"]

    def __init__(self, *args, membership, **kwargs):
        super().__init__(*args, membership=membership, **kwargs)
        cast(ConditionsField, self.fields["conditions"]).enter(membership)


class EmailTemplateForm(TenantModelForm):
    class Meta:
        model = EmailTemplate
        fields = ["name", "language", "subject", "body", "text"]
        widgets = {
            "body": forms.Textarea({"rows": 18, "class": "gx-code", "spellcheck": "true"}),
            "text": forms.Textarea({"rows": 8}),
        }
        help_texts = {
            "body": _("Write plain text, or paste HTML. Empty lines make paragraphs; web addresses become links."),
            "text": _("For mail programs that show no HTML. Left empty, it is made from the message."),
        }

    def clean_subject(self) -> str:
        return self._checked(self.cleaned_data["subject"])

    def clean_text(self) -> str:
        return self._checked(self.cleaned_data["text"])

    def clean_body(self) -> str:
        body = self.cleaned_data["body"]
        lost = lost_placeholders(body)
        if lost:
            raise ValidationError(
                _("%(placeholders)s stands inside a tag, where no placeholder may stand. Put it into the text."),
                params={"placeholders": ", ".join(lost)[:200]},
            )
        kept = tidy(body)
        if not kept:
            raise ValidationError(_("Nothing of this message may be sent. Write some text."))
        self._checked(kept if is_html(kept) else text_to_html(kept), is_html=True)
        return kept

    def _checked(self, text: str, *, is_html: bool = False) -> str:
        try:
            parse_text(text, is_html=is_html)
        except CrmError as error:
            raise ValidationError(str(error)) from error
        return text


class CampaignForm(TenantModelForm):
    class Meta:
        model = Campaign
        fields = ["name", "segment", "template", "sender_name", "reply_to"]
        help_texts = {
            "sender_name": _("The name beside our address. Left empty, it is the name of the company."),
            "reply_to": _("Left empty, answers go nowhere."),
        }

    sections = [
        ("", ["name", "segment", "template"]),
        (_("Who writes"), ["sender_name", "reply_to"]),
    ]

    def clean_reply_to(self) -> str:
        return self.cleaned_data["reply_to"].strip().lower()


NOW, LATER = "now", "later"


class SendForm(TenantForm):
    """When a campaign goes out."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[(NOW, _("Now")), (LATER, _("On this day, at this time:"))],
        widget=forms.RadioSelect,
        initial=NOW,
    )
    at = forms.DateTimeField(label=_("Day and time"), required=False)

    def clean(self) -> dict[str, Any]:
        super().clean()
        data = self.cleaned_data
        if data.get("when") == NOW:
            data["at"] = None
        elif not data.get("at") and "at" not in self.errors:
            self.add_error("at", _("Say when the campaign shall go out."))
        elif data.get("at") and data["at"] < timezone.now() - SLACK:
            self.add_error("at", _("This moment has passed. Choose one to come."))
        return data


class TrialForm(TenantForm):
    customer = PickField(
        label=_("Filled in for"),
        queryset=QuerySet(Customer).none(),
        help_text=_("The mail comes to you alone, as this customer would get it."),
    )


class CopyForm(TenantForm):
    name = forms.CharField(label=_("Name"), max_length=120)


class SuppressionForm(TenantModelForm):
    class Meta:
        model = Suppression
        fields = ["email", "reason", "note"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip().lower()


class CampaignResultForm(TenantModelForm):
    class Meta:
        model = CampaignResult
        fields = ["customer", "ad", "result_on", "result", "campaign", "note"]


def checked_content(campaign: Campaign) -> Content:
    """What a draft would send today. Raises BadPlaceholder or OpenPlaceholder."""
    content = Content.of_campaign(campaign)
    content.check()
    return content
