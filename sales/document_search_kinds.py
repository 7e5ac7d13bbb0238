"""How products and quotes show in the search palette."""

from django.utils.translation import gettext_lazy as _

from crm.pages import formats
from crm.search.registry import SearchKind

from .document_search import find_products, find_quotes
from .models import Product, ProductSearch, Quote, QuoteSearch


def _what(product: Product) -> str:
    price = formats.money(product.price, product.currency) if product.price is not None else ""
    return " · ".join(filter(None, [product.code, product.category, price]))


def _for_whom(quote: Quote) -> str:
    total = formats.money(quote.total_amount, quote.currency)
    return " · ".join(filter(None, [quote.customer.name, str(quote.get_status_display()), total]))


PRODUCTS = SearchKind("products", Product, _("Products"), "package", find_products, _what, entry=ProductSearch)
QUOTES = SearchKind("quotes", Quote, _("Quotes"), "file-invoice", find_quotes, _for_whom, entry=QuoteSearch)
