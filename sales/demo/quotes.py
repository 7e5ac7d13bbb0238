"""Invented quotes: what was offered with the demo's deals and besides, and what came of it.

Quotes are numbered by their day within a chunk of customers, without gaps, as the operation does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.demo.bulk import insert, reserve_ids, settle
from crm.demo.registry import DemoTenant, demo
from crm.search.tokens import document
from customers.choices import CustomerStage

from ..choices.pipelines import DealStatus
from ..choices.quotes import QuoteStatus
from ..models import Deal, Product, Quote, QuoteCounter, QuoteLine, QuoteSearch
from ..numbering import number_of, period_of
from ..operations.quotes import quote_settings
from ..totals import Discount, Line, Totals, totals_of
from .document_texts import DOCUMENT_TEXTS
from .known import Known, read_customers
from .products import known_products, minor

CHUNK = 10_000
VALID = 30

COLUMNS = [
    "id",
    "number",
    "series",
    "revision",
    "title",
    "customer_id",
    "contact_id",
    "deal_id",
    "owner_id",
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
    "status",
    "net_amount",
    "tax_amount",
    "total_amount",
    "sent_at",
    "sent_to",
    "decided_at",
    "decision_note",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
]
LINE_COLUMNS = [
    *("quote_id", "pos", "product_id", "name", "description", "quantity_milli", "unit", "unit_price", "discount_bp"),
    *("tax_bp", "amount"),
]

# How many quotes a customer of a stage has besides those of deals.
_QUOTES = {
    CustomerStage.ACTIVE: 0.35,
    CustomerStage.ENGAGED: 0.4,
    CustomerStage.LAPSED: 0.15,
    CustomerStage.PROSPECT: 0.04,
    CustomerStage.LOST: 0.1,
}
_OF_DEALS = 0.45


@demo
def fill_quotes(world: DemoTenant) -> None:
    """Bring the quotes up to the customers that are there."""
    with transaction.atomic():
        office = _Office.of(world)
        last = Quote.objects.filter(customer__external_id__prefix="DEMO-").order_by("-customer__external_id").first()
        start = _number(last.customer.external_id) + 1 if last else 0
    chunks = [range(at, min(at + CHUNK, world.customers)) for at in range(start, world.customers, CHUNK)]
    for numbers in chunks:
        with transaction.atomic():
            _write(office, office.invent(numbers))
        world.say(f"{world.tenant.slug}: quotes of {numbers.stop:,} customers")
    if len(chunks) > 1:
        settle(Quote, QuoteLine, QuoteSearch)


def _number(external_id: str) -> int:
    return int(external_id.rpartition("-")[2]) - 1


@dataclass
class _Draft:
    """One quote before it has its number."""

    random: Random
    customer: Known
    deal: Deal | None
    issued_on: date
    title: str = ""
    lines: list[tuple[Product | None, str, str, str, Line]] = field(default_factory=list)
    discount_bp: int = 0

    def totals(self, *, is_tax_included: bool) -> Totals:
        return totals_of(
            [line for *_rest, line in self.lines], Discount(self.discount_bp), is_tax_included=is_tax_included
        )


@dataclass(frozen=True)
class _Office:
    world: DemoTenant
    products: Sequence[Product]
    pattern: str
    is_tax_included: bool
    zone: ZoneInfo
    today: date

    @classmethod
    def of(cls, world: DemoTenant) -> _Office:
        zone, settings = ZoneInfo(world.tenant.time_zone), quote_settings()
        today = world.now.astimezone(zone).date()
        return cls(world, known_products(world), settings.number_pattern, settings.is_tax_included, zone, today)

    @property
    def texts(self):
        return DOCUMENT_TEXTS[self.world.is_chinese]

    def invent(self, numbers: range) -> list[_Draft]:
        customers = read_customers(numbers)
        deals: dict[int, list[Deal]] = defaultdict(list)
        ids = [customer.pk for customer in customers.values()]
        for deal in Deal.objects.filter(customer__in=ids, amount__isnull=False).order_by("pk"):
            if deal.customer_id:
                deals[deal.customer_id].append(deal)
        drafts = [draft for number, one in customers.items() for draft in self._of(number, one, deals[one.pk])]
        return sorted(drafts, key=lambda draft: (draft.issued_on, draft.customer.number))

    def _of(self, number: int, customer: Known, deals: Iterable[Deal]) -> Iterable[_Draft]:
        random = Random(f"{self.world.seed} quotes {number}")  # noqa: S311  # the demo shall be the same
        for deal in deals:
            if deal.currency == self.world.tenant.currency and random.random() < _OF_DEALS:
                begun = deal.opened_on or deal.created_at.date()
                end = deal.closed_at.astimezone(self.zone).date() if deal.closed_at else self.today
                day = begun + timedelta(days=int((end - begun).days * random.uniform(0.3, 0.8)))
                yield self._draft(random, customer, deal, min(day, self.today))
        if random.random() < _QUOTES[CustomerStage(customer.stage)]:
            age = max(2, min(730, (self.world.now - customer.created_at).days))
            # Rather lately than long ago.
            yield self._draft(random, customer, None, self.today - timedelta(days=int(age * random.random() ** 1.6)))

    def _draft(self, random: Random, customer: Known, deal: Deal | None, day: date) -> _Draft:
        day -= timedelta(days=max(0, day.weekday() - 4))
        draft = _Draft(random, customer, deal, day, deal.name if deal else random.choice(self.texts.subjects))
        for product in random.sample(self.products, min(len(self.products), random.choice((1, 2, 2, 3, 3, 4, 6)))):
            draft.lines.append(self._line(random, product))
        if random.random() < 0.3:
            name, unit, price = random.choice(self.texts.services)
            line = Line(1_000, minor(price, self.world.tenant.currency), 0, self.texts.tax_bp)
            draft.lines.append((None, name, "", unit, line))
        draft.discount_bp = random.choice((0, 0, 0, 0, 200, 300, 500))
        return draft

    def _line(self, random: Random, product: Product) -> tuple[Product | None, str, str, str, Line]:
        dear = (product.price or 0) > 100_000
        quantity = random.choice((1, 2, 3, 4, 6)) if dear else random.choice((2, 5, 10, 12, 20, 24, 40, 50, 100))
        description = random.choice(self.texts.descriptions) if random.random() < 0.25 else ""
        line = Line(1_000 * quantity, product.price or 0, random.choice((0, 0, 0, 500, 1_000)), product.tax_bp)
        return product, product.name, description, product.unit, line

    def fate(self, draft: _Draft) -> tuple[QuoteStatus, datetime | None]:
        """What became of it, and when the customer answered."""
        random, age = draft.random, (self.today - draft.issued_on).days
        answered = self.at(draft.issued_on + timedelta(days=random.randrange(2, 24)))
        if draft.deal and draft.deal.status == DealStatus.WON:
            return QuoteStatus.ACCEPTED, min(answered, draft.deal.closed_at or answered)
        if draft.deal and draft.deal.status == DealStatus.LOST:
            return QuoteStatus.DECLINED, min(answered, draft.deal.closed_at or answered)
        if age <= 3 and random.random() < 0.5:
            return QuoteStatus.DRAFT, None
        if age > VALID:
            status = random.choices((QuoteStatus.ACCEPTED, QuoteStatus.DECLINED, QuoteStatus.EXPIRED), (46, 26, 28))[0]
            return status, None if status == QuoteStatus.EXPIRED else answered
        return QuoteStatus.SENT, None

    def at(self, day: date) -> datetime:
        at = datetime.combine(day, time(10, 20), self.zone)
        return min(at, self.world.now)


def _write(office: _Office, drafts: Sequence[_Draft]) -> None:
    numbers = _Numbers(office.pattern)
    quotes, lines, words = [], [], []
    for pk, draft in zip(reserve_ids(Quote, len(drafts)), drafts, strict=True):
        totals = draft.totals(is_tax_included=office.is_tax_included)
        number = numbers.next(draft.issued_on)
        quotes.append(_quote_row(office, pk, number, draft, totals))
        words.append((pk, quotes[-1][-1], document(office.world.tenant.pk, draft.customer.name, draft.title, number)))
        for pos, ((product, name, description, unit, line), amount) in enumerate(
            zip(draft.lines, totals.amounts, strict=True)
        ):
            lines.append(
                [
                    *(pk, pos, product.pk if product else None, name, description, line.quantity_milli, unit),
                    *(line.unit_price, line.discount_bp, line.tax_bp, amount),
                ]
            )
    insert(Quote, COLUMNS, quotes)
    insert(QuoteLine, LINE_COLUMNS, lines)
    insert(QuoteSearch, ["quote_id", "updated_at", "vec"], words)
    numbers.keep()


def _quote_row(office: _Office, pk: int, number: str, draft: _Draft, totals: Totals) -> list[Any]:
    random, world, texts = draft.random, office.world, office.texts
    status, decided_at = office.fate(draft)
    written = office.at(draft.issued_on)
    sent_at = None if status == QuoteStatus.DRAFT else written
    owner_id = (draft.deal.owner_id if draft.deal else draft.customer.owner_id) or world.people["sales"].pk
    said = {QuoteStatus.ACCEPTED: texts.accepted, QuoteStatus.DECLINED: texts.declined}.get(status)
    return [
        pk,
        number,
        number,
        1,
        draft.title,
        draft.customer.pk,
        draft.customer.contact[0] if draft.customer.contact else None,
        draft.deal.pk if draft.deal else None,
        owner_id,
        world.tenant.language,
        world.tenant.currency,
        draft.issued_on,
        draft.issued_on + timedelta(days=VALID),
        office.is_tax_included,
        draft.discount_bp,
        0,
        texts.introduction,
        texts.terms,
        random.choice(texts.notes) if random.random() < 0.2 else "",
        str(status),
        totals.net,
        totals.tax,
        totals.total,
        sent_at,
        draft.customer.email if sent_at else "",
        decided_at,
        random.choice(said) if said else "",
        owner_id,
        1 + (sent_at is not None) + (decided_at is not None),
        written,
        decided_at or written,
    ]


class _Numbers:
    """Counts on where the tenant's counters stand, and puts them where it ended."""

    def __init__(self, pattern: str):
        self.pattern = pattern
        self.counters = {one.period: one for one in QuoteCounter.objects.select_for_update()}

    def next(self, day: date) -> str:
        period = period_of(self.pattern, day)
        counter = self.counters.setdefault(period, QuoteCounter(period=period))
        counter.last += 1
        return number_of(self.pattern, day, counter.last)

    def keep(self) -> None:
        for counter in self.counters.values():
            counter.save()
