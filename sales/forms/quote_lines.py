"""The lines of a quote as one field of its form: many rows, any of them blank, added and taken out by buttons.

The rows are inputs `lines-0-name`, `lines-0-quantity_milli` …. What the field cleans to is the quote's lines in their
order; what the conflict page compares is each row in words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.pages import formats
from crm.pages.amounts import MoneyField, PercentField, QuantityField
from crm.pages.forms import LineField, PickField, TenantForm
from crm.pages.ids import is_id
from crm.pages.widgets import PickSelect, Typed
from crm.tenancy.models import Membership

from ..models import Product, QuoteLine
from ..totals import Line, line_amount

# What one page can hold; longer lists are several quotes, or a file beside one.
MOST_LINES = 100
# Of one line: the sum of all still fits into the database by far.
MOST_AMOUNT = 10**14

Row = dict[str, str]

_INPUT = re.compile(r"lines-(\d{1,4})-([a-z_-]+)")
# Filled in beforehand, so they do not make a row one that was filled in.
_BEFOREHAND = {"id", "of", "quantity_milli", "discount_bp", "tax_bp", "unit"}


class ProductSelect(PickSelect):
    """As every choice out of very many, but the records of all rows are read at once: `known` by number, `recent`."""

    known: Mapping[int, Product] = {}
    recent: Sequence[Product] = ()

    def optgroups(self, name, value, attrs=None):
        chosen = [self.known[int(key)] for key in value if is_id(str(key)) and int(key) in self.known]
        rows: list[Model] = [*chosen, *(row for row in self.found or self.recent if row not in chosen)]
        options = [("", gettext("Choose a product")), *((row.pk, str(row)) for row in rows)]
        return [
            (None, [self.create_option(name, key, label, str(key) in value, index)], index)
            for index, (key, label) in enumerate(options)
        ]


class ProductField(PickField):
    widget = ProductSelect

    def to_python(self, value):
        if isinstance(value, str) and is_id(value) and int(value) in self.widget.known:
            return self.widget.known[int(value)]
        return super().to_python(value)


class LineForm(TenantForm):
    """One row. `of` is the product whose name and price stand in the row: another product brings its own."""

    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    of = forms.IntegerField(required=False, widget=forms.HiddenInput)
    product: ProductField = ProductField(label=_("Product"), queryset=QuerySet(Product).none(), required=False)
    name = LineField(
        label=_("Name"), max_length=200, required=False, widget=forms.TextInput({"placeholder": _("Name on the quote")})
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=2_000,
        required=False,
        widget=forms.Textarea({"rows": 1, "placeholder": _("Description")}),
    )
    quantity_milli = QuantityField(label=_("Quantity"), minimum=0, maximum=10**9, required=False)
    unit = LineField(label=_("Unit"), max_length=20, required=False)
    unit_price = MoneyField(label=_("Unit price"), minimum=0, required=False)
    discount_bp = PercentField(label=_("Discount in %"), required=False)
    tax_bp = PercentField(label=_("Tax in %"), required=False)

    def __init__(
        self,
        *args: Any,
        currency: str,
        usual_tax: int,
        known: Mapping[int, Product],
        recent: Sequence[Product],
        **kwargs: Any,
    ):
        super().__init__(*args, **kwargs)
        self.currency, self.usual_tax = currency, usual_tax
        # What the row comes to, as far as it can be read; and what its product has filled in.
        self.line: Line | None = None
        self.filled: dict[str, Any] = {}
        self.fields["unit_price"].currency = currency  # type: ignore[attr-defined]  # a MoneyField
        widget = self.fields["product"].widget
        widget.known, widget.recent = known, recent
        for name, field in self.fields.items():
            field.widget.attrs.setdefault("aria-label", str(field.label or name))

    def clean(self):
        super().clean()
        cleaned, product = self.cleaned_data, self.cleaned_data.get("product")
        if product:
            self._take_from(product)
        if not cleaned.get("name"):
            self.add_error("name", _("Say what you offer."))
        if cleaned.get("unit_price") is None and "unit_price" not in self.errors:
            self.add_error("unit_price", self._price_missing(product))
        for name, usual in (("quantity_milli", 1_000), ("discount_bp", 0), ("tax_bp", 0)):
            if cleaned.get(name) is None and name not in self.errors:
                cleaned[name] = usual
        if not self.errors:
            line = Line(*(cleaned[name] for name in ("quantity_milli", "unit_price", "discount_bp", "tax_bp")))
            if line_amount(line) > MOST_AMOUNT:
                self.add_error("unit_price", _("This comes to more than can be kept."))
            else:
                self.line = line
        return cleaned

    @property
    def amount(self) -> int | None:
        return line_amount(self.line) if self.line else None

    def numbers(self) -> list[forms.BoundField]:
        """The fields of one short input, in the order of their columns."""
        return [self[name] for name in ("quantity_milli", "unit", "unit_price", "discount_bp", "tax_bp")]

    def shows_text(self) -> bool:
        """Whether name and description say more than the product does; else they wait folded away."""
        product = self._chosen()
        name, description = (str(self[field].value() or "").strip() for field in ("name", "description"))
        is_refused = self.is_bound and any(field in self.errors for field in ("name", "description"))
        return product is None or bool(description) or name not in ("", product.name) or is_refused

    def _chosen(self) -> Product | None:
        known: Mapping[int, Product] = self.fields["product"].widget.known
        value = str(self["product"].value() or "")
        return known.get(int(value)) if is_id(value) else None

    def filled_inputs(self) -> list[SafeString]:
        """The inputs that the product has filled in, to be put in the place of those on the page."""
        return [self[name].as_widget(attrs={"hx-swap-oob": "true"}) for name in self.filled]

    def _take_from(self, product: Product) -> None:
        """What the product says, where the row is blank or says what it began with, or what the product before said."""
        known: Mapping[int, Product] = self.fields["product"].widget.known
        before = known.get(self.cleaned_data.get("of") or 0)
        if before == product:
            stale: dict[str, Any] = {}
        else:
            stale = self._offered(before) if before else {"tax_bp": self.usual_tax}
            self.filled["of"] = product.pk
        for name, value in self._offered(product).items():
            present = self.cleaned_data.get(name)
            is_untouched = present in (None, "") or (name in stale and present == stale[name])
            if name not in self.errors and value is not None and is_untouched:
                self.cleaned_data[name] = self.filled[name] = value

    def _offered(self, product: Product) -> dict[str, Any]:
        offered = {"name": product.name, "unit": product.unit, "tax_bp": product.tax_bp}
        if product.currency == self.currency and product.price is not None:
            offered["unit_price"] = product.price
        return offered

    def _price_missing(self, product: Product | None) -> Any:
        if product and product.price is not None:
            return _("Enter the price in %(currency)s: the product has one in %(other)s only.") % {
                "currency": self.currency,
                "other": product.currency,
            }
        return _("Enter a price.")


class LinesWidget(forms.Widget):
    """Reads the rows out of what was sent. They are drawn by the page's template."""

    currency = "CNY"

    def value_from_datadict(self, data, files, name) -> list[Row]:
        return rows_sent(data)

    def as_sent(self, data: QueryDict, name: str) -> list[str]:
        """For the conflict page."""
        return [_canonical(number, row) for number, row in enumerate(filled_rows(rows_sent(data)))]

    def format_value(self, value: Any) -> list[str]:
        return [_canonical(number, row_of(line, self.currency)) for number, line in enumerate(value or ())]


class LinesField(forms.Field):
    """`enter` before use: whose form it is, and in which currency."""

    widget = LinesWidget

    def enter(self, membership: Membership, currency: str, usual_tax: int, lines: Iterable[QuoteLine]) -> None:
        """`usual_tax`: what a row begins with that has no product yet."""
        self.membership, self.currency, self.usual_tax = membership, currency, usual_tax
        self.widget.currency = currency
        self.present = {line.pk: line for line in lines}
        self.forms: list[LineForm] = []
        self._known: dict[int, Product] = {}
        self._recent: list[Product] | None = None

    def clean(self, value: Any) -> list[QuoteLine]:
        # A disabled field, as after the choice to keep what a colleague wrote, gets the lines themselves.
        if value and isinstance(value[0], QuoteLine):
            return list(value)
        filled = filled_rows(value or [])
        if len(filled) > MOST_LINES:
            raise ValidationError(_("A quote has %(most)d lines at most."), params={"most": MOST_LINES})
        self.forms = self._judged(filled)
        problems = list(self._problems())
        if problems:
            raise ValidationError(problems)
        return [self._line(form) for form in self.forms]

    def show(self, rows: Sequence[Row], lines: Sequence[Line | None] = ()) -> None:
        """Draw these rows, not judging them. `lines`: what they come to."""
        options = self._options(rows)
        self.forms = [LineForm(initial=row, prefix=f"lines-{n}", **options) for n, row in enumerate(rows)]
        for form, line in zip(self.forms, lines, strict=False):
            form.line = line

    def recalculate(self, rows: Sequence[Row]) -> None:
        """Draw these rows with what their products fill in, and what they come to as far as they can be read."""
        judged = iter(self._judged(filled_rows(rows)))
        forms = [next(judged) if filled_rows([row]) else None for row in rows]
        self.show(
            [_redrawn(row, form) if form else row for row, form in zip(rows, forms, strict=True)],
            [form.line if form else None for form in forms],
        )
        for drawn, form in zip(self.forms, forms, strict=True):
            drawn.filled = form.filled if form else {}

    def _judged(self, rows: Sequence[Row]) -> list[LineForm]:
        data, options = query_of(rows), self._options(rows)
        forms = [LineForm(data, prefix=f"lines-{n}", **options) for n in range(len(rows))]
        for form in forms:
            form.full_clean()
        return forms

    def in_words(self, value: Any) -> str:
        return "\n".join(_in_words(line, self.currency) for line in value) if isinstance(value, list) else str(value)

    def _line(self, form: LineForm) -> QuoteLine:
        line = self.present.get(form.cleaned_data["id"] or 0) or QuoteLine()
        for name in ("product", "name", "description", "quantity_milli", "unit", "unit_price", "discount_bp", "tax_bp"):
            setattr(line, name, form.cleaned_data[name])
        return line

    def _problems(self) -> Iterable[str]:
        for number, form in enumerate(self.forms, 1):
            for name, messages in form.errors.items():
                label = form.fields[name].label if name in form.fields else ""
                yield _("Line %(number)d, %(field)s: %(problem)s") % {
                    "number": number,
                    "field": label,
                    "problem": " ".join(map(str, messages)),
                }

    def _options(self, rows: Sequence[Row]) -> dict[str, Any]:
        """Products are read once for all rows: those that are named, and a few to begin with."""
        ids = {int(row[name]) for row in rows for name in ("product", "of") if is_id(row.get(name, ""))}
        products = visible(self.membership, Product)
        missing = ids - self._known.keys()
        if missing:
            self._known |= products.in_bulk(missing)
        if self._recent is None:
            self._recent = list(products.filter(is_active=True).order_by("-updated_at", "-pk")[: PickSelect.few])
        return {
            "membership": self.membership,
            "currency": self.currency,
            "usual_tax": self.usual_tax,
            "known": self._known,
            "recent": self._recent,
        }


def rows_sent(data: Mapping[str, Any]) -> list[Row]:
    """The rows in the order of their numbers, which need not follow one another."""
    rows: dict[int, Row] = {}
    for key in data:
        if match := _INPUT.fullmatch(key):
            rows.setdefault(int(match[1]), {})[match[2]] = str(data[key]).replace("\0", "")
    return [rows[number] for number in sorted(rows)]


def filled_rows(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if any(value.strip() for name, value in row.items() if name not in _BEFOREHAND)]


def _redrawn(row: Row, form: LineForm) -> Row:
    """The row with what its product has filled in, as it would be typed."""
    filled = {name: str(form.fields[name].prepare_value(value)) for name, value in form.filled.items()}
    product, typed = form.cleaned_data.get("product"), row.get("product-find", "").strip()
    if product:
        filled["product"] = str(product.pk)
    elif typed:
        # Without scripts: what was typed to find a product by, and did not find one.
        filled["product"] = Typed(typed)
    return row | filled


def query_of(rows: Sequence[Row]) -> QueryDict:
    data = QueryDict(mutable=True)
    for number, row in enumerate(rows):
        for name, value in row.items():
            data[f"lines-{number}-{name}"] = value
    return data


def row_of(line: QuoteLine, currency: str) -> Row:
    """A line as a browser would send it."""
    price = MoneyField(label="")
    price.currency = currency
    return {
        "id": str(line.pk or ""),
        "of": str(line.product_id or ""),
        "product": str(line.product_id or ""),
        "name": line.name,
        "description": line.description,
        "quantity_milli": str(QuantityField(label="").prepare_value(line.quantity_milli)),
        "unit": line.unit,
        "unit_price": str(price.prepare_value(line.unit_price)),
        "discount_bp": str(PercentField(label="").prepare_value(line.discount_bp)) if line.discount_bp else "",
        "tax_bp": str(PercentField(label="").prepare_value(line.tax_bp)),
    }


# What a person would call a change of a line.
_COMPARED = ("name", "description", "quantity_milli", "unit", "unit_price", "discount_bp", "tax_bp")


def _canonical(number: int, row: Row) -> str:
    """Equal for rows that say the same, at the same place."""
    return f"{number:03d}|" + "|".join(_plain(name, row.get(name, "")) for name in _COMPARED)


def _plain(name: str, text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if name in ("quantity_milli", "unit_price", "discount_bp", "tax_bp"):
        try:
            # 3, 3.0 and 3.00 are the same quantity.
            return f"{Decimal(text or 0).normalize():f}"
        except ArithmeticError:
            return text
    return text


def _in_words(line: QuoteLine, currency: str) -> str:
    return f"{formats.quantity(line.quantity_milli)} × {line.name}, {formats.money(line.unit_price, currency)}"
