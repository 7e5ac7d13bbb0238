from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.pages.amounts import CurrencyField, MoneyField, MoneyForm, MoneyInputForm
from crm.pages.forms import TenantForm

from ..choices.pipelines import DealStatus
from ..models import Deal, Stage
from .pipelines import LostReasonField, StageField, stages_in_use


class DealForm(MoneyForm):
    stage = StageField()
    amount = MoneyField(label=_("Amount"), minimum=0, required=False)
    currency = CurrencyField(label=_("Currency"))
    lost_reason = LostReasonField()

    class Meta:
        model = Deal
        fields = [
            "name",
            "customer",
            "contact",
            "product",
            "amount",
            "currency",
            "owner",
            "opened_on",
            "expected_close_on",
            "lost_reason",
            "lost_note",
            "external_id",
            "note",
        ]

    sections = [
        (_("About the deal"), ["name", "customer", "contact", "product", "external_id"]),
        (_("How it stands"), ["stage", "amount", "currency", "owner", "opened_on", "expected_close_on"]),
        (_("Why it was lost"), ["lost_reason", "lost_note"]),
        (_("Note"), ["note"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        deal = self.instance
        # Only an import brings deals without a customer.
        self.fields["customer"].required = deal.pk is None or deal.customer_id is not None
        self._offer_stages(deal)
        if deal.status == DealStatus.LOST:
            cast(LostReasonField, self.fields["lost_reason"]).offer(deal.lost_reason_id)
        else:
            del self.fields["lost_reason"], self.fields["lost_note"]

    def _offer_stages(self, deal: Deal) -> None:
        """Open stages, and where the deal is: closing it asks for more, so that is done on pages of its own."""
        stages = stages_in_use().open()
        if deal.pk:
            stages = Stage.objects.filter(Q(pk__in=stages.order_by().values("pk")) | Q(pk=deal.stage_id))
            self.initial["stage"] = deal.stage_id
        cast(StageField, self.fields["stage"]).offer(stages)

    def clean(self):
        super().clean()
        contact, customer = self.cleaned_data.get("contact"), self.cleaned_data.get("customer")
        if contact and contact.customer_id != (customer.pk if customer else None):
            self.add_error("contact", _("This contact belongs to another customer."))
        return self.cleaned_data


class _MoveForm(TenantForm):
    stage = StageField()
    lost_reason = LostReasonField(required=False, help_text=_("For a stage of lost deals."))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(StageField, self.fields["stage"]).offer(stages_in_use())
        cast(LostReasonField, self.fields["lost_reason"]).offer()

    def clean(self):
        super().clean()
        stage = self.cleaned_data.get("stage")
        if stage and stage.kind == DealStatus.LOST and not self.cleaned_data.get("lost_reason"):
            self.add_error("lost_reason", _("Say why the deal was lost."))
        return self.cleaned_data


class DealsMoveForm(_MoveForm):
    """Many deals at once."""


class DealMoveForm(_MoveForm):
    """`seen_in`: the stage in which the person saw the deal; `above`: the deal under which it is put, else on top."""

    seen_in = forms.IntegerField(required=False, widget=forms.HiddenInput)
    above = forms.IntegerField(required=False, widget=forms.HiddenInput)


class WhyLostForm(TenantForm):
    """What the board asks when a card is dropped on a stage of lost deals."""

    lost_reason = LostReasonField()

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(LostReasonField, self.fields["lost_reason"]).offer()


class _ClosedOnForm(MoneyInputForm):
    closed_on = forms.DateField(label=_("Closed on"))

    def clean_closed_on(self):
        day = self.cleaned_data["closed_on"]
        if day > timezone.localdate():
            raise ValidationError(_("This day is still to come. Close the deal when it is closed."))
        return day


class WinForm(_ClosedOnForm):
    amount = MoneyField(label=_("Amount"), minimum=0, required=False)

    field_order = ["amount", "closed_on"]


class LoseForm(_ClosedOnForm):
    lost_reason = LostReasonField(label=_("Why"))
    lost_note = forms.CharField(
        label=_("In a few words"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )

    field_order = ["lost_reason", "lost_note", "closed_on"]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        cast(LostReasonField, self.fields["lost_reason"]).offer()
