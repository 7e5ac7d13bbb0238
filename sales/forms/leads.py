from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from crm.errors import NoPipeline
from crm.pages.amounts import CurrencyField, MoneyField, MoneyInputForm
from crm.pages.forms import PickField, TenantForm
from customers.forms import ReachableForm
from customers.models import Customer

from ..choices.leads import DiscardReason, LeadStatus
from ..duplicates import Candidate, Duplicates
from ..models import Lead, Stage
from ..querysets.leads import OPEN
from .pipelines import StageField, stages_in_use

NEW, OTHER = "new", "other"


class LeadForm(ReachableForm):
    class Meta:
        model = Lead
        fields = [
            "name",
            "company",
            "title",
            "phone",
            "email",
            "wechat",
            "website",
            "city",
            "address",
            "industry",
            "source",
            "status",
            "owner",
            "next_contact_on",
            "external_id",
            "note",
        ]
        labels: ClassVar = {"name": pgettext_lazy("of a person", "Name")}

    sections = [
        (_("Who they are"), ["name", "company", "title", "industry", "external_id"]),
        (_("How to reach them"), ["phone", "email", "wechat", "city", "website", "address"]),
        (_("How it stands"), ["status", "owner", "next_contact_on", "source"]),
        (_("Note"), ["note"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if self.instance.is_open:
            status = cast(forms.ChoiceField, self.fields["status"])
            status.choices = [(value, LeadStatus(value).label) for value in OPEN]
        else:
            # What became of it is said by converting, discarding and reopening.
            del self.fields["status"]


class DiscardForm(TenantForm):
    reason = forms.ChoiceField(label=_("Why"), choices=DiscardReason.choices)


class ConvertForm(MoneyInputForm):
    """Which customer the lead is, and the deal that comes of it. `about` fills in what is known."""

    target = forms.ChoiceField(label=_("Customer"), widget=forms.RadioSelect, initial=NEW)
    customer = PickField(label=_("Another customer"), queryset=QuerySet(Customer).none(), required=False)
    with_deal = forms.BooleanField(label=_("Open a deal"), required=False, initial=True)
    deal_name = forms.CharField(label=_("Name of the deal"), max_length=200, required=False)
    stage = StageField(required=False)
    amount = MoneyField(label=_("Amount"), minimum=0, required=False)
    currency = CurrencyField(label=_("Currency"))
    expected_close_on = forms.DateField(label=_("Expected to close"), required=False)

    def about(self, lead: Lead, duplicates: Duplicates) -> ConvertForm:
        self.duplicates = duplicates
        target = cast(forms.ChoiceField, self.fields["target"])
        target.choices = [
            (NEW, format_lazy(_("New customer “{name}”"), name=lead.company or lead.name)),
            *((one.key, _said(one)) for one in duplicates.candidates),
            (OTHER, _("Another customer")),
        ]
        likely = [one.key for one in duplicates.candidates if one.is_likely]
        # Known by telephone or e-mail address is known: a second customer is what nobody wants.
        target.initial = likely[0] if likely else NEW
        self.fields["deal_name"].initial = lead.company or lead.name
        stage = cast(StageField, self.fields["stage"])
        stage.offer(stages_in_use().open())
        stage.initial = _first_stage()
        return self

    @property
    def candidate(self) -> Candidate | None:
        return self.duplicates.get(self.cleaned_data["target"])

    def clean(self):
        super().clean()
        if self.cleaned_data.get("target") == OTHER and not self.cleaned_data.get("customer"):
            self.add_error("customer", _("Choose the customer."))
        if self.cleaned_data.get("with_deal"):
            for name in ("deal_name", "stage"):
                if name not in self.errors and not self.cleaned_data.get(name):
                    self.add_error(name, ValidationError(_("A deal needs this."), code="required"))
        return self.cleaned_data


def _first_stage() -> Stage | None:
    try:
        return Stage.objects.first_open()
    except NoPipeline:
        return None


def _said(one: Candidate) -> str | Promise:
    reasons = " · ".join(str(reason) for reason in one.reasons)
    if one.contact is not None:
        return gettext("%(customer)s, contact %(contact)s (%(reasons)s)") % {
            "customer": one.customer,
            "contact": one.contact,
            "reasons": reasons,
        }
    return gettext("%(customer)s (%(reasons)s)") % {"customer": one.customer, "reasons": reasons}
