"""How quotes and purchases show in templates."""

from __future__ import annotations

from babel.numbers import format_decimal
from django import template
from django.utils.safestring import SafeString

from crm.pages import formats
from crm.pages.columns import badge

from ..chinese_amounts import yuan_in_words
from ..models import Quote
from ..tables.quotes import STATUS_COLORS

register = template.Library()


@register.simple_tag
def quote_status(quote: Quote) -> SafeString:
    return badge(quote.get_status_display(), STATUS_COLORS.get(quote.status, ""))  # type: ignore[call-overload]


@register.filter
def amount(minor: int | None, currency: str) -> str:
    """An amount without the sign of its currency, for columns of amounts: 1,250.00."""
    if minor is None:
        return ""
    digits = formats.minor_digits(currency)
    pattern = f"#,##0.{'0' * digits}" if digits else "#,##0"
    return format_decimal(formats.from_minor(minor, currency), pattern, locale=formats.current_locale())


@register.filter
def in_chinese_words(minor: int, currency: str) -> str:
    """壹万贰仟元整, as contracts in China state what is paid; "" for any other currency."""
    return yuan_in_words(minor) if currency == "CNY" else ""
