"""Two years of tickets, as many as there are customers: seasons, threads, and promises that were not always kept.

Ticket number N of a tenant is always the same one, and comes before number N+1. All but the last few thousand are told
in short: a million tickets shall fit on a laptop.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random

from django.db import transaction

from crm.demo.bulk import insert, reserve_ids, settle
from crm.demo.registry import DemoTenant, demo
from customers.models import Contact, Customer

from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay, Ticket, TicketEvent, TicketMessage, TicketSearch
from ..operations.clock import rules_of
from ..operations.tickets import default_queue, take_numbers
from .story import Asker, Desks, Rows, Story
from .texts import TEXTS

CHUNK = 5_000
DAYS = 730
# The last ones are looked at: every word that was said is there.
VIVID = 4_000
# So many at least of the last days.
LIVELY, LIVELY_DAYS = 90, 6
NUMBER = "DEMO-T"
_MOST_MESSAGES = 8

TICKET_COLUMNS = [
    "id",
    "number",
    "subject",
    "customer_id",
    "contact_id",
    "sender_name",
    "sender_email",
    "queue_id",
    "assignee_id",
    "status",
    "priority",
    "channel",
    "external_id",
    "first_replied_at",
    "solved_at",
    "closed_at",
    "due_at",
    "first_reply_due_at",
    "resolve_due_at",
    "next_miss_at",
    "first_reply_missed",
    "resolve_missed",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
]
MESSAGE_COLUMNS = [
    "id",
    "ticket_id",
    "kind",
    "author_id",
    "sender_name",
    "sender_email",
    "text",
    "html",
    "channel",
    "message_id",
    "at",
]
EVENT_COLUMNS = ["ticket_id", "kind", "at", "actor_id", "before", "after", "message_id"]

# How much there is to do by month: before the holidays, and after New Year, when what was given away breaks.
_SEASONS = (11, 8, 9, 9, 10, 9, 8, 8, 10, 11, 13, 14)


@demo
def fill_tickets(world: DemoTenant) -> None:
    """Bring the tenant up to as many tickets as it has customers."""
    with transaction.atomic():
        desks = _create_desks(world)
        last = Ticket.objects.filter(external_id__prefix=NUMBER).order_by("-external_id").first()
        start = int(str(last.external_id).removeprefix(NUMBER)) if last else 0
    calendar = _Seasons(world)
    for at in range(start, world.customers, CHUNK):
        numbers = range(at, min(at + CHUNK, world.customers))
        with transaction.atomic():
            _write(_invent(world, desks, calendar, numbers))
        world.say(f"{world.tenant.slug}: {numbers.stop:,} tickets")
    if world.customers - start > CHUNK:
        settle(Ticket, TicketMessage, TicketEvent, TicketSearch)


# -- the desks at which they are worked on


def _create_desks(world: DemoTenant) -> Desks:
    texts, first = TEXTS[world.is_chinese], default_queue()
    team = world.tenant.teams.filter(memberships__user=world.people["support"]).first()
    if first.team is None:
        Queue.objects.filter(pk=first.pk).update(team=team)
    for day in texts.special_days:
        SpecialDay.objects.get_or_create(
            calendar=first.calendar,
            name=day.name,
            first_on=day.first_on,
            defaults={"last_on": day.last_on, "hours": day.hours},
        )
    hours = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), "08:00-20:00")
    hotline, _ = BusinessCalendar.objects.get_or_create(
        name=texts.hotline,
        defaults={"time_zone": world.tenant.time_zone, "saturday": "09:00-17:00", "sunday": "09:00-17:00", **hours},
    )
    strict, _ = SlaPolicy.objects.get_or_create(
        name=texts.strict,
        defaults={
            "urgent_first_reply": 30,
            "urgent_resolve": 4 * 60,
            "high_first_reply": 60,
            "high_resolve": 12 * 60,
            "normal_first_reply": 4 * 60,
            "normal_resolve": 36 * 60,
            "low_first_reply": 12 * 60,
        },
    )
    rules = [(first.calendar, first.policy), (hotline, strict)]
    others = [
        Queue.objects.get_or_create(name=name, defaults={"team": team, "calendar": calendar, "policy": policy})[0]
        for name, (calendar, policy) in zip(texts.queues, rules, strict=True)
    ]
    queues = list(Queue.objects.with_rules().filter(pk__in=[first.pk, *(queue.pk for queue in others)]))
    queues.sort(key=lambda queue: [first.pk, *(other.pk for other in others)].index(queue.pk))
    return Desks(queues, rules_of(queues))


class _Seasons:
    """From the place of a ticket among all to the moment at which it came in."""

    def __init__(self, world: DemoTenant):
        self.total, self.begin = max(1, world.customers), world.now - timedelta(days=DAYS)
        days = [self.begin + timedelta(days=number) for number in range(DAYS)]
        # Business grows, and weekends are quiet.
        weights = [
            _SEASONS[day.month - 1] * (1 + number / DAYS) * (0.25 if day.weekday() > 4 else 1)
            for number, day in enumerate(days)
        ]
        # However small the demo is, there is something to do today.
        recent, wanted = sum(weights[-LIVELY_DAYS:]), min(0.3, LIVELY / self.total) * sum(weights)
        more = max(1.0, wanted / recent)
        weights[-LIVELY_DAYS:] = [weight * more for weight in weights[-LIVELY_DAYS:]]
        self._sums = list(accumulate(weights))

    def moment(self, number: int, random: Random) -> datetime:
        wanted = (number + random.random()) / self.total * self._sums[-1]
        day = min(bisect_right(self._sums, wanted), DAYS - 1)
        before = self._sums[day - 1] if day else 0.0
        share = (wanted - before) / (self._sums[day] - before)
        return self.begin + timedelta(days=day + min(max(share, 0.0), 0.999))


# -- one chunk


def _write(rows: Rows) -> None:
    insert(Ticket, TICKET_COLUMNS, rows.tickets)
    insert(TicketMessage, MESSAGE_COLUMNS, rows.messages)
    insert(TicketEvent, EVENT_COLUMNS, rows.events)
    insert(TicketSearch, ["ticket_id", "updated_at", "vec"], rows.words)


def _invent(world: DemoTenant, desks: Desks, seasons: _Seasons, numbers: range) -> Rows:
    rows, askers = Rows(), _askers(numbers)
    vivid_from = world.customers - VIVID
    ids = reserve_ids(Ticket, len(numbers))
    message_ids = reserve_ids(TicketMessage, len(numbers) * _MOST_MESSAGES)
    for number, pk, running in zip(numbers, ids, take_numbers(len(numbers)), strict=True):
        random = Random(f"{world.seed} ticket {number}")  # noqa: S311  # nothing secret: the demo shall be the same
        came_in = seasons.moment(number, random)
        asker = _somebody(askers, came_in, random)
        story = Story(world, desks, random, asker, came_in, is_vivid=number >= vivid_from)
        story.tell(pk, message_ids)
        story.add_to(rows, pk, running, f"{NUMBER}{number + 1:07d}")
    return rows


def _askers(numbers: range) -> list[Asker]:
    """Customers of the same part of the demo: a chunk of each makes do with constant memory."""
    first, last = f"DEMO-{numbers.start + 1:07d}", f"DEMO-{numbers.stop:07d}"
    customers = Customer.objects.filter(external_id__gte=first, external_id__lte=last).order_by("external_id")
    rows = list(customers.values_list("pk", "name", "email", "created_at"))
    contacts = Contact.objects.filter(customer__in=customers.order_by(), is_primary=True).order_by()
    people = {row[0]: row[1:] for row in contacts.values_list("customer_id", "pk", "name", "email")}
    return [Asker(pk, name, email, created, people.get(pk)) for pk, name, email, created in rows]


def _somebody(askers: list[Asker], came_in: datetime, random: Random) -> Asker | None:
    # Some ask often, most hardly ever. Whoever was no customer yet has nothing to ask.
    tried = [askers[int(len(askers) * random.random() ** 2)] for _ in range(5)] if askers else []
    known = [asker for asker in tried if asker.created_at < came_in]
    return known[0] if known else min(tried, key=lambda asker: asker.created_at, default=None)
