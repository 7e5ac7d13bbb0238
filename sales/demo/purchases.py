"""Invented purchases: two years with their seasons. Some buy once, most a few times, and few carry the business.

A customer's purchases are always the same ones: they are made from a random state of their own, so that the demo can be
filled up later. There are about five lines for each customer, those included who have bought nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.demo.bulk import insert, settle
from crm.demo.chinese import CHINESE
from crm.demo.english import ENGLISH
from crm.demo.registry import DemoTenant, demo
from customers.choices import CustomerStage
from customers.demo import NUMBER as CUSTOMER_NUMBER
from customers.models import Customer

from ..models import Product, RevenueDay, Transaction
from ..totals import Line, line_amount
from .products import known_products

CHUNK = 10_000
NUMBER = "DEMO-P-"
DAYS = 730
MOST_ORDERS = 60

COLUMNS = [
    "customer_id",
    "product_id",
    "name",
    "at",
    "reference",
    "quantity_milli",
    "unit_price",
    "amount",
    "currency",
    "city",
    "country",
    "external_id",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
]

# How likely somebody of a stage has bought, and how many orders those make on average.
_BUYERS = {
    CustomerStage.ACTIVE: (1.0, 6.4),
    CustomerStage.LAPSED: (1.0, 3.2),
    CustomerStage.LOST: (0.4, 2.0),
    CustomerStage.ENGAGED: (0.12, 1.2),
    CustomerStage.PROSPECT: (0.0, 0.0),
}
# Of a month, January first: the end of the year is strong; in China the new year's holiday is quiet, November is not.
_SEASONS = {
    False: (0.72, 0.74, 0.9, 0.88, 0.9, 0.86, 0.7, 0.68, 0.92, 0.98, 1.0, 0.94),
    True: (0.84, 0.42, 0.88, 0.86, 0.84, 0.9, 0.74, 0.72, 0.92, 0.7, 1.0, 0.96),
}
# Trade grows over the two years.
_GROWTH = 0.3
_LINES = (46, 72, 88, 96, 100)
_QUANTITIES = (1, 1, 1, 2, 2, 3, 4, 5, 6, 8, 10, 12, 20, 24, 50)


@demo
def fill_purchases(world: DemoTenant) -> None:
    """Bring the purchases up to the customers that are there."""
    with transaction.atomic():
        shop = _Shop.of(world, known_products(world))
        start = _first_without()
    chunks = [range(at, min(at + CHUNK, world.customers)) for at in range(start, world.customers, CHUNK)]
    for numbers in chunks:
        with transaction.atomic():
            # Read before the rows are sent: while they are, the connection takes no other question.
            buyers = list(_buyers(numbers))
            insert(Transaction, COLUMNS, (row for buyer in buyers for row in shop.lines_of(buyer)))
        world.say(f"{world.tenant.slug}: purchases of {numbers.stop:,} customers")
    if len(chunks) > 1:
        settle(Transaction, RevenueDay)


def _first_without() -> int:
    """The number behind the last customer who has bought something; those after it bought nothing, and do so again."""
    last = Transaction.objects.filter(external_id__prefix=NUMBER).order_by("-external_id").first()
    return int(last.external_id.removeprefix(NUMBER).split("-")[0]) + 1 if last else 0


@dataclass(frozen=True, slots=True)
class _Buyer:
    pk: int
    number: int
    stage: str
    city: str
    owner_id: int | None
    created_at: datetime


def _buyers(numbers: range) -> Iterator[_Buyer]:
    first, last = (f"{CUSTOMER_NUMBER}{number + 1:07d}" for number in (numbers.start, numbers.stop - 1))
    rows = Customer.objects.filter(external_id__gte=first, external_id__lte=last).order_by("external_id")
    for row in rows.values_list("pk", "external_id", "stage", "city", "owner_id", "created_at"):
        pk, external_id, stage, city, owner_id, created_at = row
        yield _Buyer(pk, int(external_id.removeprefix(CUSTOMER_NUMBER)) - 1, stage, city, owner_id, created_at)


@dataclass(frozen=True)
class _Shop:
    """What the purchases of all customers have in common."""

    world: DemoTenant
    products: Sequence[Product]
    popularity: Sequence[float]
    zone: ZoneInfo
    today: date

    @classmethod
    def of(cls, world: DemoTenant, products: Sequence[Product]) -> _Shop:
        zone = ZoneInfo(world.tenant.time_zone)
        # The first is bought ten times as often as the tenth.
        popularity = list(accumulate(1 / (place + 1) ** 0.9 for place in range(len(products))))
        return cls(world, products, popularity, zone, world.now.astimezone(zone).date())

    def lines_of(self, buyer: _Buyer) -> Iterator[Sequence[Any]]:
        random = Random(f"{self.world.seed} purchases {buyer.number}")  # noqa: S311  # the demo shall be the same
        share, mean = _BUYERS[CustomerStage(buyer.stage)]
        if random.random() >= share:
            return
        # Everyone has a pace of their own: an exponential spread over it gives many small and few large buyers.
        orders = min(MOST_ORDERS, 1 + int(random.expovariate(1 / max(0.2, mean - 0.5))))
        since = self._since(random, buyer)
        days = sorted(self._day(random, buyer, since) for _order in range(orders))
        line = 0
        for order, day in enumerate(days, 1):
            at = datetime.combine(day, time(8 + random.randrange(11), random.randrange(60)), self.zone)
            if at > self.world.now:
                continue
            reference = f"{day.year}-{buyer.number:06d}{order:02d}"
            for _line in range(random.choices((1, 2, 3, 4, 6), cum_weights=_LINES)[0]):
                line += 1
                yield self._line(random, buyer, at, reference, line)
        if line and random.random() < 0.12:
            yield from self._return(random, buyer, days[-1], line)

    def _since(self, random: Random, buyer: _Buyer) -> int:
        """How many days ago the first purchase may lie. Most bought long before they were entered here: the invoices of
        that time came along."""
        entered = (self.today - buyer.created_at.astimezone(self.zone).date()).days
        return DAYS if random.random() < 0.75 else max(1, min(DAYS, entered))

    def _day(self, random: Random, buyer: _Buyer, age: int) -> date:
        """A day since then, or before they fell silent; by season, and rarely a Sunday."""
        silence = age // 2 if buyer.stage in (CustomerStage.LAPSED, CustomerStage.LOST) else 0
        seasons = _SEASONS[self.world.is_chinese]
        while True:
            ago = random.randrange(silence, age + 1)
            day = self.today - timedelta(days=ago)
            likely = seasons[day.month - 1] * (1 - _GROWTH * ago / DAYS) * (0.25 if day.weekday() == 6 else 1)
            if random.random() < likely:
                return day

    def _line(self, random: Random, buyer: _Buyer, at: datetime, reference: str, line: int) -> Sequence[Any]:
        product = random.choices(self.products, cum_weights=self.popularity)[0]
        price = product.price or 0
        # What is dear is bought singly, and many get a little off.
        most = len(_QUANTITIES) if price < 10_000 else 9 if price < 100_000 else 4
        quantity = 1_000 * _QUANTITIES[random.randrange(most)]
        price = price * random.choice((100, 100, 100, 97, 95, 90)) // 100
        return self._row(buyer, product, at, reference, line, quantity, price)

    def _return(self, random: Random, buyer: _Buyer, day: date, line: int) -> Iterator[Sequence[Any]]:
        """One thing comes back some days later."""
        at = datetime.combine(day + timedelta(days=random.randrange(2, 15)), time(11), self.zone)
        if at <= self.world.now:
            product = random.choices(self.products, cum_weights=self.popularity)[0]
            reference = f"R{day.year}-{buyer.number:06d}"
            yield self._row(buyer, product, at, reference, line + 1, -1_000, product.price or 0)

    def _row(
        self, buyer: _Buyer, product: Product, at: datetime, reference: str, line: int, quantity: int, price: int
    ) -> Sequence[Any]:
        return (
            buyer.pk,
            product.pk,
            product.name,
            at,
            reference,
            quantity,
            price,
            line_amount(Line(quantity, price)),
            product.currency,
            buyer.city,
            (ENGLISH if buyer.city.isascii() else CHINESE).country_of(buyer.city),
            f"{NUMBER}{buyer.number:07d}-{line:03d}",
            buyer.owner_id,
            1,
            at,
            at,
        )
