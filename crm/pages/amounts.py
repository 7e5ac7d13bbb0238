"""Form fields for what the database keeps as whole numbers: money, quantities, shares.

class ProductForm(MoneyForm):
    currency = CurrencyField(label=_("Currency"))
    price = MoneyField(label=_("Price"))          # 12.50 ↔ 1250 cents; of the form's currency
    tax_bp = PercentField(label=_("Tax"))         # 13 ↔ 1300 basis points
    quantity_milli = QuantityField(label=_("Quantity"))  # 1.5 ↔ 1500 thousandths
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from babel import Locale
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from . import formats
from .forms import TenantForm, TenantModelForm

# A thousand billion: sums of many stay far within a bigint, and within what prints as one line.
MOST = 10**12

# What business in Chinese and English is mostly done in; the tenant's own stands before them.
CURRENCIES = (
    *("CNY", "USD", "EUR", "GBP", "HKD", "TWD", "MOP", "JPY", "KRW", "SGD", "MYR", "THB", "VND", "IDR", "PHP", "INR"),
    *("AED", "SAR", "AUD", "NZD", "CAD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "TRY", "RUB", "BRL", "MXN", "ZAR"),
    "KWD",
)

_GROUPED = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d*)?")
_SIGNS = re.compile(r"[¥￥$€£₩%％\s]")  # full-width signs are typed too


class ScaledField(forms.DecimalField):
    """Typed with its decimals, cleaned to a whole number of its smallest unit."""

    digits = 0

    def __init__(self, *, label: Any, minimum: int | None = None, maximum: int = MOST, **options: Any):
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(
            label=label,
            min_value=-maximum if minimum is None else minimum,
            max_value=maximum,
            widget=options.pop("widget", None) or forms.TextInput(attrs),
            **options,
        )

    def to_python(self, value: Any) -> Any:
        text = _SIGNS.sub("", unicodedata.normalize("NFKC", str(value))) if value is not None else ""
        return super().to_python(text.replace(",", "") if _GROUPED.fullmatch(text) else text)

    def clean(self, value: Any) -> int | None:
        typed = super().clean(value)
        if typed is None:
            return None
        scaled = typed.scaleb(self.digits)
        if scaled != scaled.to_integral_value():
            raise ValidationError(self.too_fine(), code="too_fine")
        return int(scaled)

    def too_fine(self) -> Any:
        return _("Enter %(digits)d decimals at most.") % {"digits": self.digits}

    def prepare_value(self, value: Any) -> Any:
        return self._plain(self.scaled(value)) if isinstance(value, int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != (initial if initial not in ("", None) else None))
        except ValidationError:
            return True

    def scaled(self, value: int) -> Decimal:
        return Decimal(value).scaleb(-self.digits)

    def in_words(self, value: Any) -> str:
        """As another page says it; a cleaned value is a whole number, one that could not be cleaned is text."""
        return formats.number(self.scaled(value)) if isinstance(value, int) else str(value)

    def _plain(self, value: Decimal) -> str:
        return f"{value.normalize():f}"


class MoneyField(ScaledField):
    """An amount of the form's currency, which MoneyForm tells it."""

    currency = "CNY"

    @property
    def digits(self) -> int:  # type: ignore[override]  # of the currency that the field is told
        return formats.minor_digits(self.currency)

    def too_fine(self) -> Any:
        return _("%(currency)s has %(digits)d decimals at most.") % {"currency": self.currency, "digits": self.digits}

    def in_words(self, value: Any) -> str:
        return formats.money(value, self.currency) if isinstance(value, int) else str(value)

    def _plain(self, value: Decimal) -> str:
        return f"{value:f}"


class QuantityField(ScaledField):
    """Thousandths."""

    digits = 3


class PercentField(ScaledField):
    """Basis points: a hundredth of a percent."""

    digits = 2

    def __init__(self, *, label: Any, minimum: int | None = 0, maximum: int = 100, **options: Any):
        super().__init__(label=label, minimum=minimum, maximum=maximum, **options)

    def in_words(self, value: Any) -> str:
        return formats.rate(value) if isinstance(value, int) else str(value)


class CurrencyField(forms.ChoiceField):
    """`offer(code)` puts a currency first, whether it is a common one or not."""

    def offer(self, *codes: str) -> None:
        locale = Locale.parse(formats.current_locale())
        wanted = dict.fromkeys([*filter(None, codes), *CURRENCIES])
        self.choices = [(code, f"{code} {locale.currencies.get(code, '')}".strip()) for code in wanted]


class _WithMoney:
    """What forms with and without a model share: every amount is of one currency."""

    fields: dict[str, forms.Field]

    def settle_currency(self, present: str) -> None:
        tenant = self.tenant.currency  # type: ignore[attr-defined]
        field = self.fields.get("currency")
        currency = present or tenant
        if isinstance(field, CurrencyField):
            field.offer(tenant, currency)
            field.initial = currency
            asked = self.data.get(self.add_prefix("currency")) if self.is_bound else None  # type: ignore[attr-defined]
            currency = asked if asked in dict(field.choices) else currency  # type: ignore[arg-type]
        for one in self.fields.values():
            if isinstance(one, MoneyField):
                one.currency = currency


class MoneyForm(_WithMoney, TenantModelForm):
    """A record with amounts. Its currency is what was sent, else the record's, else the tenant's."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        if not self.initial.get("currency"):
            self.initial.pop("currency", None)
        self.settle_currency(self.initial.get("currency") or self.instance.currency)

    def _post_clean(self) -> None:
        if not self.instance.currency:
            self.instance.currency = self.tenant.currency
        super()._post_clean()  # type: ignore[misc]  # the stubs leave it out


class MoneyInputForm(_WithMoney, TenantForm):
    """Input with amounts and without a model."""

    def __init__(self, *args: Any, currency: str = "", **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.settle_currency(currency)
