"""Invented leads: those of the last weeks wait for somebody, older ones became customers or were discarded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from crm.demo import invent
from crm.demo.bulk import insert, reserve_ids, settle
from crm.demo.chinese import CHINESE
from crm.demo.english import ENGLISH
from crm.demo.registry import DemoTenant, demo
from crm.search.tokens import document, name_sort
from customers.choices import CustomerKind, CustomerSource

from ..choices.leads import DiscardReason, LeadStatus
from ..models import Lead, LeadSearch
from .deal_texts import TEXTS
from .known import Known, highest, read_customers

CHUNK = 5_000
NUMBER = "DEMO-L-"
# One lead for so many customers.
CUSTOMERS_PER_LEAD = 4
# Older ones are decided.
OPEN_DAYS = 45

COLUMNS = [
    "id",
    "name",
    "name_sort",
    "phone",
    "email",
    "note",
    "company",
    "title",
    "wechat",
    "industry",
    "website",
    "city",
    "address",
    "status",
    "source",
    "owner_id",
    "next_contact_on",
    "external_id",
    "discard_reason",
    "created_by_id",
    "converted_at",
    "converted_by_id",
    "customer_id",
    "contact_id",
    "version",
    "created_at",
    "updated_at",
]
_SOURCES = [str(source) for source in CustomerSource if source != CustomerSource.IMPORT]
_OWNERS = ["sales", "sales2", "sales-manager", ""]


@demo
def fill_leads(world: DemoTenant) -> None:
    """Bring the tenant up to a quarter as many invented leads as customers."""
    wanted = world.customers // CUSTOMERS_PER_LEAD
    with transaction.atomic():
        start = highest(Lead, NUMBER)
    chunks = [range(at, min(at + CHUNK, wanted)) for at in range(start, wanted, CHUNK)]
    for numbers in chunks:
        with transaction.atomic():
            rows = _invent(world, numbers)
            insert(Lead, COLUMNS, rows.leads)
            insert(LeadSearch, ["lead_id", "updated_at", "vec"], rows.words)
        world.say(f"{world.tenant.slug}: {numbers.stop:,} leads")
    if len(chunks) > 1:
        settle(Lead, LeadSearch)


@dataclass
class Rows:
    """What goes into the tables, in the order of their columns."""

    leads: list[list[Any]] = field(default_factory=list)
    words: list[tuple[int, datetime, str]] = field(default_factory=list)


def _invent(world: DemoTenant, numbers: range) -> Rows:
    # Those who became customers are among the customers of the same part of the demo.
    part = range(numbers.start * CUSTOMERS_PER_LEAD, numbers.stop * CUSTOMERS_PER_LEAD)
    customers = read_customers(part)
    rows = Rows()
    for number, pk in zip(numbers, reserve_ids(Lead, len(numbers)), strict=True):
        random = Random(f"{world.seed} lead {number}")  # noqa: S311  # nothing secret: the demo shall be the same
        known = customers.get(random.randrange(part.start, part.stop))
        _Invention(world, random, number, pk, known).add_to(rows)
    return rows


class _Invention:
    """One lead. `known` is the customer it has become, or that it may be without anybody having seen it."""

    def __init__(self, world: DemoTenant, random: Random, number: int, pk: int, known: Known | None):
        self.world, self.random, self.number, self.pk = world, random, number, pk
        self.words = CHINESE if world.is_chinese != (random.random() < 0.12) else ENGLISH
        login = random.choices(_OWNERS, cum_weights=(42, 76, 86, 100))[0]
        self.owner_id = world.people[login].pk if login else None
        # Half of them are young: the list one opens shall show work.
        self.age = random.randrange(OPEN_DAYS) if random.random() < 0.4 else random.randrange(OPEN_DAYS, 730)
        self.status = self._status(known)
        is_repeated = random.random() < 0.08
        self.known = known if self.status == LeadStatus.CONVERTED or is_repeated else None

    def _status(self, known: Known | None) -> LeadStatus:
        if self.age < OPEN_DAYS:
            open_ones = (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.QUALIFIED, LeadStatus.DISCARDED)
            # Who is nobody's yet is new.
            return self.random.choices(open_ones, (40, 35, 17, 8))[0] if self.owner_id else LeadStatus.NEW
        was_there = known is not None and (self.world.now - known.created_at).days < self.age
        return LeadStatus.CONVERTED if was_there and self.random.random() < 0.75 else LeadStatus.DISCARDED

    def add_to(self, rows: Rows) -> None:
        random, known = self.random, self.known
        converted = known is not None and self.status == LeadStatus.CONVERTED
        city = random.choice(self.words.cities)
        name, company, industry = self._who(city)
        created = self.world.now - timedelta(days=self.age, minutes=random.randrange(1, 600))
        decided = known.created_at if converted and known else created + timedelta(days=random.randrange(1, 20))
        updated = min(self.world.now, decided) if not self._is_open else created
        decider = self.owner_id or self.world.people["sales-manager"].pk
        rows.leads.append(
            [
                self.pk,
                name,
                name_sort(name),
                known.phone if known else invent.phone(random, self.words),
                known.email if known else invent.mailbox(name, self.number),
                random.choice(TEXTS[self.world.is_chinese].lead_notes) if random.random() < 0.5 else "",
                company,
                random.choice(self.words.titles) if company else "",
                f"wx_{random.randrange(10**8):08d}" if self.words is CHINESE and random.random() < 0.4 else "",
                industry,
                invent.website(company) if company.isascii() and company and random.random() < 0.3 else "",
                city,
                "",
                str(self.status),
                random.choice(_SOURCES),
                self.owner_id,
                self._next_contact(),
                f"{NUMBER}{self.number + 1:07d}",
                str(random.choice(list(DiscardReason))) if self.status == LeadStatus.DISCARDED else "",
                self.world.people["marketer"].pk,
                decided if converted else None,
                decider if converted else None,
                known.pk if converted and known else None,
                known.contact[0] if converted and known and known.contact else None,
                1,
                created,
                updated,
            ]
        )
        rows.words.append((self.pk, updated, document(self.world.tenant.pk, name, *filter(None, [company]))))

    @property
    def _is_open(self) -> bool:
        return self.age < OPEN_DAYS and self.status != LeadStatus.DISCARDED

    def _who(self, city: str) -> tuple[str, str, str]:
        """(name, company, industry)"""
        if self.known is not None:
            if self.known.kind == CustomerKind.PERSON:
                return self.known.name, "", ""
            contact = self.known.contact
            return contact[1] if contact else invent.person(self.random, self.words), self.known.name, ""
        name = invent.person(self.random, self.words)
        if self.random.random() < 0.2:
            return name, "", ""
        return name, *invent.company(self.random, self.words, city)

    def _next_contact(self) -> date | None:
        if not self._is_open or self.status == LeadStatus.NEW or self.random.random() < 0.3:
            return None
        today = self.world.now.astimezone(ZoneInfo(self.world.tenant.time_zone)).date()
        return today + timedelta(days=self.random.randrange(-4, 12))
