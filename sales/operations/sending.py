"""A quote goes out: as a PDF, by mail or by hand, and from then on stays as it was sent."""

from __future__ import annotations

from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext as _

from crm.accounts.models import User
from crm.documents import render_pdf
from crm.files.models import StoredFile
from crm.files.operations import store_file
from crm.mail.messages import Attachment, send_mail_message
from crm.pages import formats
from crm.tenancy.models import Tenant
from customers.choices import ActivityKind
from customers.operations import log_follow_up

from ..models import Quote
from ..quote_document import document_context, document_title, file_name
from .quotes import mark_sent

PDF = "application/pdf"


def print_quote(*, quote: Quote, tenant: Tenant) -> bytes:
    """The quote as it is now, in its own language. Raises DocumentsUnavailable."""
    return render_pdf(
        "sales/quote_document.html",
        document_context(quote, tenant),
        language=quote.language,
        title=document_title(quote),
    )


@transaction.atomic
def send_quote(*, quote: Quote, tenant: Tenant, user: User, to: str = "", message: str = "") -> Quote:
    """Send a draft by mail to `to`, or (without) note that it was handed over. Raises QuoteLocked and QuoteEmpty.

    What the customer gets is kept with the quote; the customer's follow-ups say that it was sent.
    """
    # The lock comes first: a colleague may be changing the draft, or sending it too.
    quote = Quote.objects.select_for_update(of=("self",)).select_related("customer", "contact").get(pk=quote.pk)
    mark_sent(quote, to=to)
    content = print_quote(quote=quote, tenant=tenant)
    quote.document = _keep(quote, content, tenant, user)
    quote.save(update_fields=["document"])
    if to:
        send_mail_message(
            "quote",
            to,
            {"quote": quote, "message": message, "sender": user},
            quote.language,
            tenant,
            attachments=[Attachment(file_name(quote), content, PDF)],
            reply_to=user.email,
        )
    log_follow_up(
        customer=quote.customer, contact=quote.contact, author=user, kind=_kind(to), text=_what_happened(quote, to)
    )
    return quote


def _keep(quote: Quote, content: bytes, tenant: Tenant, user: User) -> StoredFile:
    return store_file(tenant=tenant, source=BytesIO(content), name=file_name(quote), user=user, content_type=PDF)


def _kind(to: str) -> ActivityKind:
    return ActivityKind.EMAIL if to else ActivityKind.NOTE


def _what_happened(quote: Quote, to: str) -> str:
    values = {"number": quote.number, "total": formats.money(quote.total_amount, quote.currency), "to": to}
    if to:
        return _("Quote %(number)s over %(total)s was sent to %(to)s.") % values
    return _("Quote %(number)s over %(total)s was handed over.") % values
