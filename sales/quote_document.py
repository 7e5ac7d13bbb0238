"""What stands on the paper of a quote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, override

from crm.tenancy.models import Tenant

from .models import Quote, QuoteLine, QuoteSettings
from .operations.quotes import quote_settings
from .totals import Totals


@dataclass(frozen=True, slots=True)
class PrintedLine:
    number: int
    line: QuoteLine
    amount: int


def document_title(quote: Quote) -> str:
    with override(quote.language):
        return gettext("Quote %(number)s") % {"number": quote.number}


def file_name(quote: Quote) -> str:
    # A slash in a number would be read as a folder.
    return f"{document_title(quote).replace('/', '-')}.pdf"


def document_context(quote: Quote, tenant: Tenant) -> dict[str, Any]:
    """Four statements, however many lines there are, and none where the quote brings its customer and people along."""
    lines = list(quote.lines.select_related("product").order_by("pos", "id"))
    totals = quote.totals(lines)
    printed = [
        PrintedLine(n, line, amount) for n, (line, amount) in enumerate(zip(lines, totals.amounts, strict=True), 1)
    ]
    return {
        "tenant": tenant,
        "quote": quote,
        "sender": _sender(quote_settings(), tenant),
        "lines": printed,
        "totals": totals,
        "shows_discounts": any(line.discount_bp for line in lines),
        "shows_codes": any(line.product and line.product.code for line in lines),
        "shows_taxes": any(group.rate_bp for group in totals.groups),
        "is_one_rate": len(totals.groups) == 1,
        "subtotal_differs": _subtotal_differs(totals),
    }


def _sender(settings: QuoteSettings, tenant: Tenant) -> dict[str, str]:
    """The letterhead: what the settings say, and at least the tenant's name."""
    return {
        "name": settings.company_name or tenant.name,
        "address": settings.address,
        "phone": settings.phone,
        "email": settings.email,
        "website": settings.website,
        "tax_number": settings.tax_number,
        "bank_account": settings.bank_account,
    }


def _subtotal_differs(totals: Totals) -> bool:
    """Whether the sum of the lines says something that the total does not."""
    return totals.subtotal != totals.total
