from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms.utils import ErrorDict
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.pages.amounts import CurrencyField, MoneyField, MoneyForm, PercentField
from crm.pages.forms import TenantForm, TenantModelForm

from ..models import Quote, QuoteLine, QuoteSettings
from ..operations.quotes import quote_settings
from ..totals import Discount, Totals, totals_of
from .quote_lines import LineForm, LinesField, Row, row_of

# So many rows a new quote begins with; blank ones are left out.
FIRST_ROWS = 3


class QuoteForm(MoneyForm):
    currency = CurrencyField(label=_("Currency"))
    discount_bp = PercentField(label=_("Discount in %"), required=False)
    discount_amount = MoneyField(label=_("Discount as an amount"), minimum=0, required=False)
    lines = LinesField(label=_("Lines"), required=False)

    class Meta:
        model = Quote
        fields = [
            "customer",
            "contact",
            "deal",
            "title",
            "owner",
            "language",
            "currency",
            "issued_on",
            "expires_on",
            "is_tax_included",
            "discount_bp",
            "discount_amount",
            "introduction",
            "terms",
            "note",
        ]
        widgets = {
            "introduction": forms.Textarea({"rows": 3}),
            "terms": forms.Textarea({"rows": 4}),
            "note": forms.Textarea({"rows": 2}),
        }

    sections = [
        (_("For whom"), ["customer", "contact", "title", "deal", "owner"]),
        (_("Conditions"), ["issued_on", "expires_on", "language", "currency", "is_tax_included"]),
        (_("Lines"), ["lines"]),
        (_("Discount"), ["discount_bp", "discount_amount"]),
        (_("Text on the quote"), ["introduction", "terms"]),
        (_("For colleagues"), ["note"]),
    ]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        quote: Quote = self.instance
        present = list(quote.lines.order_by("pos", "id")) if quote.pk else []
        self.initial["lines"] = present
        self.lines_field.enter(self.membership, self.currency_now, self._settings.tax_bp, present)
        for name in ("discount_bp", "discount_amount"):
            # A blank says "none" better than a nought.
            if not self.initial.get(name):
                self.initial[name] = None

    @property
    def lines_field(self) -> LinesField:
        return cast(LinesField, self.fields["lines"])

    @property
    def currency_now(self) -> str:
        return cast(MoneyField, self.fields["discount_amount"]).currency

    def clean_discount_bp(self) -> int:
        return self.cleaned_data["discount_bp"] or 0

    def clean_discount_amount(self) -> int:
        return self.cleaned_data["discount_amount"] or 0

    def clean(self):
        super().clean()
        cleaned = self.cleaned_data
        customer = cleaned.get("customer")
        for name, message in (
            ("contact", _("This contact belongs to another customer.")),
            ("deal", _("This deal is another customer's.")),
        ):
            chosen = cleaned.get(name)
            if chosen and customer and chosen.customer_id not in (None, customer.pk):
                self.add_error(name, message)
        issued, expires = cleaned.get("issued_on"), cleaned.get("expires_on")
        if issued and expires and expires < issued:
            self.add_error("expires_on", _("This day lies before the date of the quote."))
        return cleaned

    # The rows, as the template draws them

    @property
    def line_forms(self) -> Sequence[LineForm]:
        field = self.lines_field
        if not field.forms:
            lines: list[QuoteLine] = self.initial["lines"]
            rows = [row_of(line, self.currency_now) for line in lines]
            rows += [self.blank_row() for _n in range(1 if rows else FIRST_ROWS)]
            field.show(rows, [line.as_line() for line in lines])
        return field.forms

    def keep_as_typed(self, rows: Sequence[Row]) -> None:
        """Draw what was sent with these rows, not judging it: a line was added, and nothing is to be saved yet."""
        self._errors = ErrorDict()
        self.lines_field.recalculate(rows)

    def blank_row(self) -> Row:
        usual = PercentField(label="").prepare_value(self._settings.tax_bp)
        return {"quantity_milli": "1", "tax_bp": str(usual)}

    @cached_property
    def _settings(self) -> QuoteSettings:
        return quote_settings()

    @property
    def totals(self) -> Totals:
        """Of what can be read so far."""
        lines = [form.line for form in self.line_forms if form.line]
        if not self.is_bound:
            return totals_of(lines, self.instance.discount, is_tax_included=self.instance.is_tax_included)
        discount = Discount(self._typed("discount_bp"), self._typed("discount_amount"))
        return totals_of(lines, discount, is_tax_included=bool(self.data.get("is_tax_included")))

    def _typed(self, name: str) -> int:
        try:
            return cast(int | None, self.fields[name].clean(self.data.get(name))) or 0
        except ValidationError:
            return 0


class QuoteSettingsForm(TenantModelForm):
    tax_bp = PercentField(label=_("Usual tax in %"), required=False)

    class Meta:
        model = QuoteSettings
        fields = [
            "number_pattern",
            "validity_days",
            "tax_bp",
            "is_tax_included",
            "introduction",
            "terms",
            "company_name",
            "address",
            "phone",
            "email",
            "website",
            "tax_number",
            "bank_account",
        ]
        widgets = {"introduction": forms.Textarea({"rows": 3}), "terms": forms.Textarea({"rows": 5})}
        help_texts = {
            "number_pattern": _(
                "{year}, {yy}, {month} and {day} stand for the date, {number:4} for the counter with four digits. "
                "Quotes that have a number keep it."
            ),
            "company_name": _("As it stands in the letterhead; the tenant's name when left empty."),
        }

    sections = [
        (_("New quotes"), ["number_pattern", "validity_days", "tax_bp", "is_tax_included", "introduction", "terms"]),
        (
            _("Letterhead"),
            ["company_name", "address", "phone", "email", "website", "tax_number", "bank_account"],
        ),
    ]

    def clean_tax_bp(self) -> int:
        return self.cleaned_data["tax_bp"] or 0


class SendForm(TenantForm):
    """By mail, or noted as handed over when no address is given."""

    to = forms.CharField(
        label=_("To"),
        max_length=254,
        required=False,
        widget=forms.TextInput({"type": "email", "autocomplete": "off"}),
        help_text=_("Left empty, no mail is sent: the quote is noted as handed over, and you give the PDF yourself."),
    )
    message = forms.CharField(label=_("Message"), max_length=10_000, required=False, widget=forms.Textarea({"rows": 8}))

    def clean_to(self) -> str:
        to = self.cleaned_data["to"].strip()
        if to:
            validate_email(to)
        return to


class AcceptForm(TenantForm):
    note = forms.CharField(
        label=_("What the customer said"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
    win = forms.BooleanField(label=_("Mark the deal as won too, over the amount of this quote"), required=False)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        # Offered by the page where there is an open deal that the person may edit.
        self.deal_field = self.fields.pop("win")

    def offer_deal(self) -> None:
        self.fields["win"] = self.deal_field


class DeclineForm(TenantForm):
    note = forms.CharField(
        label=_("Why the customer declined"), max_length=500, required=False, widget=forms.Textarea({"rows": 3})
    )
