"""Invented customers with contacts, follow-ups and tags.

Customer number N of a tenant is always the same one: it is made from a random state of its own. So a demo can be
filled up later, and a million rows need no memory of those before.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
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

from .choices import ActivityKind, CustomerKind, CustomerStage, TagColor
from .demo_texts import TEXTS, Texts
from .models import Activity, Contact, ContactSearch, Customer, CustomerSearch, CustomerTag, Tag

CHUNK = 10_000
# The first ones are looked at: they have a history, and the follow-ups that make the home page live.
VIVID = 400
NUMBER = "DEMO-"

CUSTOMER_COLUMNS = [
    "id",
    "kind",
    "name",
    "name_sort",
    "phone",
    "email",
    "note",
    "external_id",
    "stage",
    "level",
    "source",
    "industry",
    "website",
    "city",
    "address",
    "owner_id",
    "last_contact_at",
    "next_contact_on",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
]
CONTACT_COLUMNS = [
    "id",
    "customer_id",
    "name",
    "name_sort",
    "phone",
    "email",
    "note",
    "title",
    "department",
    "wechat",
    "is_primary",
    "version",
    "created_at",
    "updated_at",
]
ACTIVITY_COLUMNS = [
    "customer_id",
    "contact_id",
    "kind",
    "text",
    "at",
    "due_on",
    "done_at",
    "next_contact_on",
    "author_id",
    "version",
    "created_at",
    "updated_at",
]
_MOST_CONTACTS = 3
_STAGES = [str(stage) for stage in CustomerStage]
_SOURCES = ["website", "referral", "event", "phone", "advertising", "partner", ""]
_OWNERS = ["sales", "sales2", "sales-manager", ""]


@demo
def fill_customers(world: DemoTenant) -> None:
    """Bring the tenant up to `world.customers` invented customers."""
    with transaction.atomic():
        tags = _create_tags(TEXTS[world.is_chinese])
        last = Customer.objects.filter(external_id__prefix=NUMBER).order_by("-external_id").first()
    start = int(last.external_id.removeprefix(NUMBER)) if last else 0
    chunks = [range(at, min(at + CHUNK, world.customers)) for at in range(start, world.customers, CHUNK)]
    # The next chunk is invented while the server, another process, takes in the one before.
    with ThreadPoolExecutor(1) as inventor:
        ahead: Future[Rows] | None = None
        for place, numbers in enumerate(chunks):
            rows = (ahead or _start(inventor, world, tags, numbers)).result()
            ahead = _start(inventor, world, tags, chunks[place + 1]) if place + 1 < len(chunks) else None
            with transaction.atomic():
                _write(rows)
            world.say(f"{world.tenant.slug}: {numbers.stop:,} customers")
    if len(chunks) > 1:
        settle(Customer, CustomerSearch, Contact, ContactSearch, Activity, CustomerTag)


def _start(inventor: ThreadPoolExecutor, world: DemoTenant, tags: list[int], numbers: range) -> Future[Rows]:
    with transaction.atomic():
        customer_ids = reserve_ids(Customer, len(numbers))
        contact_ids = reserve_ids(Contact, _MOST_CONTACTS * len(numbers))
    return inventor.submit(_invent, world, tags, numbers, customer_ids, contact_ids)


def _create_tags(texts: Texts) -> list[int]:
    colors = list(TagColor)
    tags = [
        Tag.objects.get_or_create(name=name, defaults={"color": colors[place * 3 % len(colors)]})[0]
        for place, name in enumerate(texts.tags)
    ]
    return [tag.pk for tag in tags]


@dataclass
class Rows:
    """What goes into the tables, in the order of their columns."""

    customers: list[list[Any]] = field(default_factory=list)
    customer_words: list[tuple[int, datetime, str]] = field(default_factory=list)
    contacts: list[list[Any]] = field(default_factory=list)
    contact_words: list[tuple[int, datetime, str]] = field(default_factory=list)
    activities: list[list[Any]] = field(default_factory=list)
    tags: list[tuple[int, int]] = field(default_factory=list)


def _write(rows: Rows) -> None:
    insert(Customer, CUSTOMER_COLUMNS, rows.customers)
    insert(CustomerSearch, ["customer_id", "updated_at", "vec"], rows.customer_words)
    insert(Contact, CONTACT_COLUMNS, rows.contacts)
    insert(ContactSearch, ["contact_id", "updated_at", "vec"], rows.contact_words)
    insert(Activity, ACTIVITY_COLUMNS, rows.activities)
    insert(CustomerTag, ["customer_id", "tag_id"], rows.tags)


def _invent(
    world: DemoTenant, tags: list[int], numbers: range, customer_ids: list[int], contact_ids: list[int]
) -> Rows:
    rows = Rows()
    for number, pk in zip(numbers, customer_ids, strict=True):
        _Invention(world, number, pk).add_to(rows, contact_ids, tags)
    return rows


class _Invention:
    """One customer and what belongs to it."""

    def __init__(self, world: DemoTenant, number: int, pk: int):
        self.world, self.number, self.pk = world, number, pk
        self.random = Random(f"{world.seed} {number}")  # noqa: S311  # nothing secret: the demo shall be the same
        # Both languages in both tenants, as with real customers abroad.
        self.is_chinese = world.is_chinese != (self.random.random() < 0.12)
        self.words = CHINESE if self.is_chinese else ENGLISH
        self.texts = TEXTS[world.is_chinese]
        self.is_vivid = number < VIVID
        self.is_company = self.random.random() < 0.78
        self.stage = self.random.choices(_STAGES, cum_weights=(26, 52, 84, 95, 100))[0]
        self.owner_id = self._owner()

    def _owner(self) -> int | None:
        login = self.random.choices(_OWNERS, cum_weights=(40, 72, 84, 100))[0]
        return self.world.people[login].pk if login else None

    def add_to(self, rows: Rows, contact_ids: list[int], tags: list[int]) -> None:
        random = self.random
        city = random.choice(self.words.cities)
        if self.is_company:
            name, industry = invent.company(random, self.words, city)
        else:
            name, industry = invent.person(random, self.words), ""
        created = self._moment(random.randrange(1, 730))
        contacts = self._contacts(name, created, contact_ids) if self.is_company else []
        activities = self._activities(created, contacts)
        # Tasks are still to come.
        contacted = max((row[4] for row in activities if row[2] != ActivityKind.TASK), default=None)
        updated = contacted or created
        rows.customers.append(
            [
                self.pk,
                str(CustomerKind.COMPANY if self.is_company else CustomerKind.PERSON),
                name,
                name_sort(name),
                invent.phone(random, self.words) if random.random() < 0.92 else "",
                invent.mailbox(name, self.number) if random.random() < 0.7 else "",
                random.choice(self.texts.notes) if random.random() < 0.15 else "",
                f"{NUMBER}{self.number + 1:07d}",
                self.stage,
                random.choices(("", "a", "b", "c"), cum_weights=(18, 32, 66, 100))[0],
                random.choice(_SOURCES),
                industry,
                invent.website(name) if self.is_company and random.random() < 0.4 and name.isascii() else "",
                city,
                invent.address(random, self.words) if random.random() < 0.6 else "",
                self.owner_id,
                contacted,
                self._next_contact(),
                self.owner_id or self.world.people["admin"].pk,
                1,
                created,
                updated,
            ]
        )
        tenant_id = self.world.tenant.pk
        rows.customer_words.append((self.pk, updated, document(tenant_id, name)))
        rows.contacts += contacts
        rows.contact_words += [(row[0], updated, document(tenant_id, row[2], name)) for row in contacts]
        rows.activities += activities
        if random.random() < (0.45 if self.is_vivid else 0.1):
            rows.tags += [(self.pk, tag) for tag in random.sample(tags, random.choice((1, 1, 2)))]

    def _moment(self, days_ago: int) -> datetime:
        """A working hour of a working day that many days ago, or the Friday before."""
        zone = ZoneInfo(self.world.tenant.time_zone)
        day = self.today - timedelta(days=days_ago)
        day -= timedelta(days=max(0, day.weekday() - 4))
        at = datetime.combine(day, time(9 + self.random.randrange(9), self.random.randrange(60)), zone)
        return at if at <= self.world.now else at - timedelta(days=7)

    @property
    def today(self) -> date:
        return self.world.now.astimezone(ZoneInfo(self.world.tenant.time_zone)).date()

    def _next_contact(self) -> date | None:
        planned = 0.6 if self.is_vivid else 0.02
        if self.stage not in (CustomerStage.ENGAGED, CustomerStage.ACTIVE) or self.random.random() > planned:
            return None
        late, today = self.random.random() < 0.14, self.random.random() < 0.14
        days = -self.random.randrange(1, 12) if late else 0 if today else self.random.randrange(1, 45)
        return self.today + timedelta(days=days)

    def _contacts(self, company: str, created: datetime, ids: list[int]) -> list[list[Any]]:
        random = self.random
        count = random.choice((0, 1, 1, 2, _MOST_CONTACTS)) if self.is_vivid else int(random.random() < 0.4)
        people = [invent.person(random, self.words) for _ in range(count)]
        return [
            [
                ids.pop(),
                self.pk,
                name,
                name_sort(name),
                invent.phone(random, self.words),
                invent.mailbox(name, self.number),
                "",
                random.choice(self.words.titles),
                random.choice(self.words.departments),
                f"wx_{random.randrange(10**8):08d}" if self.is_chinese and random.random() < 0.5 else "",
                place == 0,
                1,
                created,
                created,
            ]
            for place, name in enumerate(people)
        ]

    def _activities(self, created: datetime, contacts: list[list[Any]]) -> list[list[Any]]:
        random = self.random
        busy = self.stage != CustomerStage.PROSPECT
        if self.is_vivid:
            count = random.randrange(2, 9) if busy else random.randrange(2)
        else:
            count = int(busy and random.random() < 0.8)
        age = max(1, (self.world.now - created).days)
        # Old customers and lost ones were last heard of long ago.
        silence = age // 2 if self.stage in (CustomerStage.LAPSED, CustomerStage.LOST) else 0
        found = [self._activity(self._moment(random.randrange(silence, age)), contacts) for _ in range(count)]
        if self.is_vivid and self.owner_id and random.random() < 0.2:
            found.append(self._task())
        return found

    def _activity(self, at: datetime, contacts: list[list[Any]]) -> list[Any]:
        random = self.random
        kind = random.choices(list(self.texts.activities), cum_weights=(45, 60, 72, 90, 100))[0]
        contact_id = random.choice(contacts)[0] if contacts and random.random() < 0.6 else None
        author_id = self.owner_id or self.world.people["support"].pk
        text = random.choice(self.texts.activities[kind])
        return [self.pk, contact_id, kind, text, at, None, None, None, author_id, 1, at, at]

    def _task(self) -> list[Any]:
        made = self._moment(self.random.randrange(1, 10))
        due = self.today + timedelta(days=self.random.choice((-3, -1, 0, 0, 0, 1, 2, 4, 9)))
        text = self.random.choice(self.texts.tasks)
        return [self.pk, None, str(ActivityKind.TASK), text, made, due, None, None, self.owner_id, 1, made, made]
