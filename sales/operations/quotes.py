"""Changes to quotes that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import ContactElsewhere, NothingToDo, QuoteEmpty, QuoteLocked
from crm.tenancy.deletion import delete_set

from ..choices.quotes import QuoteStatus
from ..models import Quote, QuoteCounter, QuoteLine, QuoteSettings
from ..numbering import number_of, period_of

# What a copy begins with.
_COPIED = (
    *("title", "customer_id", "contact_id", "deal_id", "language", "currency", "is_tax_included", "discount_bp"),
    *("discount_amount", "introduction", "terms", "note", "net_amount", "tax_amount", "total_amount"),
)
_COPIED_OF_LINES = (
    *("pos", "product_id", "name", "description", "quantity_milli", "unit", "unit_price", "discount_bp", "tax_bp"),
    "amount",
)


def quote_settings() -> QuoteSettings:
    """The tenant's settings, or what they begin with where nobody has saved any."""
    return QuoteSettings.objects.first() or QuoteSettings()


@transaction.atomic
def save_quote(*, quote: Quote, lines: Sequence[QuoteLine], user: User) -> Quote:
    """Save what a form has filled in, with these lines in this order, and add it up. Raises QuoteLocked.

    Lines that the quote has besides are deleted.
    """
    if quote.contact is not None and quote.contact.customer_id != quote.customer_id:
        raise ContactElsewhere
    if quote.pk is None:
        quote.created_by = user
        _give_number(quote)
    else:
        _locked_draft(quote)
        quote.version += 1
        quote.updated_at = timezone.now()
    _add_up(quote, lines)
    quote.save()
    _save_lines(quote, lines)
    return quote


@transaction.atomic
def copy_quote(*, quote: Quote, user: User, as_revision: bool = False) -> Quote:
    """A new draft with the same content: of the same number, as its next revision, or on a number of its own."""
    # The lock comes first: two people may begin the next revision at once.
    quote = Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)
    lines = list(quote.lines.order_by("pos", "id"))
    today = timezone.localdate()
    copy = Quote(**{name: getattr(quote, name) for name in _COPIED})
    copy.owner_id = quote.owner_id if as_revision else user.pk
    copy.issued_on = today
    copy.expires_on = today + timedelta(days=_validity(quote))
    copy.created_by = user
    if as_revision:
        _give_revision(copy, quote)
    else:
        _give_number(copy)
    copy.save()
    QuoteLine.objects.bulk_create(
        QuoteLine(quote=copy, **{name: getattr(line, name) for name in _COPIED_OF_LINES}) for line in lines
    )
    return copy


def _validity(quote: Quote) -> int:
    days = (quote.expires_on - quote.issued_on).days if quote.expires_on else 0
    return max(1, days or 30)


@transaction.atomic
def decide_quote(*, quote: Quote, status: QuoteStatus, note: str = "", user: User) -> Quote:
    """Write down the customer's answer. A late one counts too. Raises NothingToDo when there is one already."""
    quote = Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)
    if not quote.is_waiting:
        raise NothingToDo
    quote.status, quote.decision_note, quote.decided_at = status, note, timezone.now()
    _save_next_version(quote, "status", "decision_note", "decided_at")
    return quote


@transaction.atomic
def reopen_quote(*, quote: Quote) -> Quote:
    """Take the answer back: somebody pressed the wrong button."""
    quote = Quote.objects.select_for_update(of=("self",)).get(pk=quote.pk)
    if quote.status not in (QuoteStatus.ACCEPTED, QuoteStatus.DECLINED):
        raise NothingToDo
    is_over = quote.expires_on is not None and quote.expires_on < timezone.localdate()
    quote.status = QuoteStatus.EXPIRED if is_over else QuoteStatus.SENT
    quote.decision_note, quote.decided_at = "", None
    _save_next_version(quote, "status", "decision_note", "decided_at")
    return quote


@transaction.atomic
def assign_quotes(*, quotes: QuerySet[Quote], owner: User | None) -> int:
    """Hand quotes over to a member, or (None) to nobody. Returns how many changed hands."""
    rows = quotes.exclude(owner=owner) if owner else quotes.filter(owner__isnull=False)
    return rows.update(owner=owner, version=F("version") + 1, updated_at=timezone.now())


@transaction.atomic
def delete_quote(*, quote: Quote) -> None:
    """Delete a draft; its number is given to the next one where it was the last. Raises QuoteLocked."""
    quote = _locked_draft(quote)
    _take_number_back(quote)
    delete_set(Quote.objects.filter(pk=quote.pk))


@transaction.atomic
def expire_quotes(*, today: date) -> int:
    """Say of quotes whose time is over that it is; returns of how many."""
    return (
        Quote.objects.all()
        .overdue(today)
        .update(status=QuoteStatus.EXPIRED, version=F("version") + 1, updated_at=timezone.now())
    )


def mark_sent(quote: Quote, *, to: str) -> None:
    """What sending changes; the caller holds the lock and has made the document. Raises QuoteLocked, QuoteEmpty."""
    if not quote.is_draft:
        raise QuoteLocked
    if not quote.lines.exists():
        raise QuoteEmpty
    quote.status, quote.sent_at, quote.sent_to = QuoteStatus.SENT, timezone.now(), to
    earlier = Quote.objects.filter(
        series=quote.series, revision__lt=quote.revision, status__in=(QuoteStatus.SENT, QuoteStatus.EXPIRED)
    )
    earlier.update(status=QuoteStatus.REPLACED, version=F("version") + 1, updated_at=timezone.now())
    _save_next_version(quote, "status", "sent_at", "sent_to", "document")


def _locked_draft(quote: Quote) -> Quote:
    # The lock comes first: a colleague may be sending it.
    status = Quote.objects.select_for_update(of=("self",)).values_list("status", flat=True).get(pk=quote.pk)
    if status != QuoteStatus.DRAFT:
        raise QuoteLocked
    return quote


def _add_up(quote: Quote, lines: Sequence[QuoteLine]) -> None:
    totals = quote.totals(list(lines))
    for line, amount in zip(lines, totals.amounts, strict=True):
        line.amount = amount
    quote.net_amount, quote.tax_amount, quote.total_amount = totals.net, totals.tax, totals.total


def _save_lines(quote: Quote, lines: Sequence[QuoteLine]) -> None:
    """Lines that stayed as they were are left alone, so that the trail shows what changed."""
    before = {line.pk: line for line in quote.lines.all()}
    fields = [*_COPIED_OF_LINES]
    for pos, line in enumerate(lines):
        line.pos, line.quote = pos, quote
    quote.lines.filter(pk__in=before.keys() - {line.pk for line in lines}).delete()
    known = [line for line in lines if line.pk in before]
    changed = [line for line in known if any(getattr(line, name) != getattr(before[line.pk], name) for name in fields)]
    QuoteLine.objects.bulk_update(changed, [name.removesuffix("_id") for name in fields])
    QuoteLine.objects.bulk_create([line for line in lines if line.pk not in before])


# -- numbers


def _give_number(quote: Quote) -> None:
    """The next number of its period. The counter stays locked until the quote is committed, or is as before: no gap."""
    pattern = quote_settings().number_pattern
    counter = QuoteCounter.objects.select_for_update().get_or_create(period=period_of(pattern, quote.issued_on))[0]
    while True:
        counter.last += 1
        number = number_of(pattern, quote.issued_on, counter.last)
        # Another pattern may have come to the same number, before this one was chosen.
        if not Quote.objects.filter(number=number).exists():
            break
    counter.save(update_fields=["last"])
    quote.series = quote.number = number


def _give_revision(copy: Quote, of: Quote) -> None:
    last = Quote.objects.filter(series=of.series).order_by("-revision").values_list("revision", flat=True)[0]
    copy.series, copy.revision = of.series, last + 1
    copy.number = f"{of.series}-{copy.revision}"


def _take_number_back(quote: Quote) -> None:
    """A number in the middle stays unused: others have been told theirs."""
    if quote.revision > 1 or Quote.objects.filter(series=quote.series, revision__gt=1).exists():
        return
    pattern = quote_settings().number_pattern
    period = period_of(pattern, quote.issued_on)
    counter = QuoteCounter.objects.select_for_update().filter(period=period).first()
    if counter and number_of(pattern, quote.issued_on, counter.last) == quote.number:
        counter.last -= 1
        counter.save(update_fields=["last"])


def _save_next_version(quote: Quote, *fields: str) -> None:
    quote.version += 1
    quote.updated_at = timezone.now()
    quote.save(update_fields=[*fields, "version", "updated_at"])
