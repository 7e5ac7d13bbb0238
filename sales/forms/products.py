from django import forms
from django.utils.translation import gettext_lazy as _

from crm.pages.amounts import CurrencyField, MoneyField, MoneyForm, PercentField

from ..models import Product


class ProductForm(MoneyForm):
    price = MoneyField(label=_("Price"), minimum=0, required=False)
    currency = CurrencyField(label=_("Currency"))
    tax_bp = PercentField(label=_("Tax in %"), required=False)

    class Meta:
        model = Product
        fields = ["name", "code", "category", "unit", "price", "currency", "tax_bp", "is_active", "description"]
        widgets = {"description": forms.Textarea({"rows": 3})}

    sections = [
        (_("What it is"), ["name", "code", "category", "unit", "description"]),
        (_("What it costs"), ["price", "currency", "tax_bp", "is_active"]),
    ]

    def clean_tax_bp(self) -> int:
        return self.cleaned_data["tax_bp"] or 0
