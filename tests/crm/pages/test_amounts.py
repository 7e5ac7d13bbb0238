"""What is typed with decimals and kept as whole numbers: money, quantities, shares."""

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from crm.pages.amounts import CurrencyField, MoneyField, MoneyInputForm, PercentField, QuantityField
from crm.pages.filters import in_words


def money(currency: str = "USD", **options) -> MoneyField:
    field = MoneyField(label="Price", **options)
    field.currency = currency
    return field


@pytest.mark.parametrize(
    ("currency", "typed", "kept"),
    [
        ("USD", "12.5", 1250),
        ("USD", "0.07", 7),
        ("USD", "1,250.50", 125_050),
        ("USD", "1,234,567", 123_456_700),
        ("USD", "$ 3", 300),
        ("CNY", "￥１２．５０", 1250),
        ("JPY", "980", 980),
        ("KWD", "1.005", 1005),
        ("USD", "-3.10", -310),
    ],
)
def test_money_is_kept_in_the_smallest_unit(currency, typed, kept):
    assert money(currency).clean(typed) == kept


@pytest.mark.parametrize(
    ("currency", "typed", "words"),
    [
        ("USD", "1.005", "USD has 2 decimals at most."),
        ("JPY", "9.5", "JPY has 0 decimals at most."),
        ("USD", "twelve", "Enter a number."),
        ("USD", "1,25", "Enter a number."),
        ("USD", "1e99", "Ensure this value is less than or equal to 1000000000000."),
        ("USD", "NaN", "Enter a number."),
    ],
)
def test_amount_that_cannot_be_kept_is_refused_in_words(currency, typed, words):
    with override("en"), pytest.raises(ValidationError) as refused:
        money(currency).clean(typed)

    with override("en"):
        assert refused.value.messages == [words]


def test_amount_below_the_least_is_refused():
    with pytest.raises(ValidationError):
        money(minimum=0).clean("-0.01")


@pytest.mark.parametrize(
    ("field", "kept", "shown"),
    [
        (money("USD"), 1250, "12.50"),
        (money("JPY"), 980, "980"),
        (QuantityField(label="Quantity"), 1500, "1.5"),
        (QuantityField(label="Quantity"), 100_000, "100"),
        (PercentField(label="Tax"), 1300, "13"),
        (PercentField(label="Tax"), 825, "8.25"),
    ],
)
def test_what_is_kept_is_shown_as_it_was_typed(field, kept, shown):
    assert field.prepare_value(kept) == shown
    assert field.clean(shown) == kept


def test_refused_text_comes_back_as_it_was_typed():
    assert money().prepare_value("twelve") == "twelve"


@pytest.mark.parametrize("typed", ["1e999999", "-1e999999", "1e-999999", "-1e999999999"])
def test_number_that_no_column_holds_is_refused_and_no_fault(typed):
    for field in (money(), money(minimum=0), QuantityField(label="Quantity")):
        with pytest.raises(ValidationError):
            field.clean(typed)


def test_share_is_typed_as_percent():
    field = PercentField(label="Tax")

    assert field.clean("8.25 %") == 825
    with pytest.raises(ValidationError):
        field.clean("101")


@pytest.mark.parametrize(("data", "changed"), [("12.50", False), ("12.5", False), ("12.51", True), ("x", True)])
def test_same_amount_written_otherwise_is_no_change(data, changed):
    assert money().has_changed(1250, data) is changed


def test_empty_field_that_stays_empty_is_no_change():
    assert money(required=False).has_changed(None, "") is False


def test_conflict_page_says_amounts_as_every_page_does():
    with override("en"):
        assert in_words(money(), 125_050) == "$1,250.50"
        assert in_words(QuantityField(label="Quantity"), 1500) == "1.5"
        assert in_words(PercentField(label="Tax"), 825) == "8.25%"
        assert in_words(money(), "twelve") == "twelve"


class PriceForm(MoneyInputForm):
    currency = CurrencyField(label="Currency")
    price = MoneyField(label="Price")


@pytest.mark.django_db
def test_amounts_of_a_form_are_of_the_currency_that_was_sent_with_them(owner):
    form = PriceForm({"currency": "JPY", "price": "980"}, membership=owner.membership)

    assert form.is_valid()
    assert form.cleaned_data == {"currency": "JPY", "price": 980}


@pytest.mark.django_db
def test_currency_that_is_none_falls_back_to_the_tenants(owner):
    form = PriceForm({"currency": "???", "price": "9.80"}, membership=owner.membership)

    assert list(form.errors) == ["currency"]
    assert form.cleaned_data["price"] == 980


@pytest.mark.django_db
def test_tenants_currency_is_offered_first(owner):
    with override("en"):
        form = PriceForm(membership=owner.membership)

    assert form.fields["currency"].choices[0] == ("USD", "USD US Dollar")
    assert form["currency"].initial == "USD"
