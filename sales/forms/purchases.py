from django import forms
from django.utils.translation import gettext_lazy as _

from crm.pages.amounts import MOST, CurrencyField, MoneyField, MoneyForm, QuantityField

from ..models import Transaction
from ..totals import Line, line_amount


class TransactionForm(MoneyForm):
    quantity_milli = QuantityField(label=_("Quantity"), minimum=-MOST, initial=1_000)
    unit_price = MoneyField(label=_("Unit price"), required=False)
    amount = MoneyField(
        label=_("Amount"),
        minimum=-MOST,
        required=False,
        help_text=_("Quantity times unit price, when left empty. What was given back is negative."),
    )
    currency = CurrencyField(label=_("Currency"))

    class Meta:
        model = Transaction
        fields = [
            "customer",
            "at",
            "product",
            "name",
            "quantity_milli",
            "unit_price",
            "amount",
            "currency",
            "reference",
            "city",
            "country",
            "external_id",
        ]
        widgets = {"name": forms.TextInput()}

    sections = [
        (_("Who bought what"), ["customer", "at", "product", "name", "city", "country"]),
        (_("What it cost"), ["quantity_milli", "unit_price", "amount", "currency", "reference", "external_id"]),
    ]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Only an import brings sales to somebody unknown.
        self.fields["customer"].required = self.instance.pk is None or self.instance.customer_id is not None

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        if cleaned.get("product") and not cleaned.get("name"):
            cleaned["name"] = cleaned["product"].name
        if not cleaned.get("product") and not cleaned.get("name") and not cleaned.get("reference"):
            self.add_error("name", _("Say what was bought: a product, a few words or the number of the invoice."))
        if cleaned.get("amount") is None and "amount" not in self.errors:
            self._compute_amount()
        return cleaned

    def _compute_amount(self) -> None:
        quantity, price = self.cleaned_data.get("quantity_milli"), self.cleaned_data.get("unit_price")
        if quantity is None or price is None:
            self.add_error("amount", _("Enter the amount, or the unit price."))
        else:
            self.cleaned_data["amount"] = line_amount(Line(quantity, price))
