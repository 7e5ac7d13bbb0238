"""Two years of tickets, as many as there are customers: seasons, threads, and promises that were not always kept.

Ticket number N of a tenant is always the same one, and comes before number N+1. All but the last few thousand are told
in short: a million tickets shall fit on a laptop.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from django.db import transaction

from crm.demo.bulk import insert, reserve_ids, settle
from crm.demo.registry import DemoTenant, demo
from crm.search.tokens import document
from customers.models import Contact, Customer

from ..choices.tickets import EventKind, MessageKind, SlaTarget, TicketChannel, TicketPriority, TicketStatus
from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay, Ticket, TicketEvent, TicketMessage, TicketSearch
from ..operations.clock import Rules, rules_of
from ..operations.tickets import default_queue, take_numbers
from ..sla import Line
from ..working_time import add_working_time
from .texts import TEXTS, Issue, Texts

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


@dataclass(frozen=True)
class Desks:
    """The queues in the order in which issues name them, and the rules they go by."""

    queues: list[Queue]
    rules: Mapping[int, Rules]


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


@dataclass
class Rows:
    tickets: list[list[Any]] = field(default_factory=list)
    messages: list[list[Any]] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)
    words: list[tuple[int, datetime, str]] = field(default_factory=list)


def _write(rows: Rows) -> None:
    insert(Ticket, TICKET_COLUMNS, rows.tickets)
    insert(TicketMessage, MESSAGE_COLUMNS, rows.messages)
    insert(TicketEvent, EVENT_COLUMNS, rows.events)
    insert(TicketSearch, ["ticket_id", "updated_at", "vec"], rows.words)


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer, and whom one talks to there."""

    pk: int
    name: str
    email: str
    created_at: datetime
    contact: tuple[int, str, str] | None


def _invent(world: DemoTenant, desks: Desks, seasons: _Seasons, numbers: range) -> Rows:
    rows, askers = Rows(), _askers(numbers)
    vivid_from = world.customers - VIVID
    ids = reserve_ids(Ticket, len(numbers))
    message_ids = reserve_ids(TicketMessage, len(numbers) * _MOST_MESSAGES)
    for number, pk, running in zip(numbers, ids, take_numbers(len(numbers)), strict=True):
        random = Random(f"{world.seed} ticket {number}")  # noqa: S311  # nothing secret: the demo shall be the same
        came_in = seasons.moment(number, random)
        asker = _somebody(askers, came_in, random)
        story = _Story(world, desks, random, asker, came_in, is_vivid=number >= vivid_from)
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


class _Story:
    """What becomes of one ticket."""

    def __init__(
        self, world: DemoTenant, desks: Desks, random: Random, asker: Asker | None, came_in: datetime, *, is_vivid: bool
    ):
        self.world, self.random, self.asker, self.is_vivid = world, random, asker, is_vivid
        self.texts: Texts = TEXTS[world.is_chinese]
        self.came_in = max(came_in, asker.created_at + timedelta(hours=1)) if asker else came_in
        self.came_in = min(self.came_in, world.now - timedelta(minutes=random.randrange(3, 90)))
        self.issue: Issue = random.choices(self.texts.issues, [one.weight for one in self.texts.issues])[0]
        self.queue = desks.queues[self.issue.queue]
        self.rules = desks.rules[self.queue.pk]
        self.priority = self._priority()
        self.agent = world.people["support" if random.random() < 0.7 else "support-lead"].pk
        self.channel = random.choices(
            [TicketChannel.EMAIL, TicketChannel.PHONE, TicketChannel.PORTAL, TicketChannel.WECHAT],
            (45, 30, 20, 25 if world.is_chinese else 0),
        )[0]
        self.order = f"{random.randrange(10_000, 99_999)}"
        self.status, self.at = TicketStatus.NEW, self.came_in
        self.assignee: int | None = None
        self.is_over = False
        self.messages: list[list[Any]] = []
        self.events: list[list[Any]] = []

    def _priority(self) -> TicketPriority:
        if self.issue.urgent and self.random.random() < 0.3:
            return TicketPriority.URGENT
        return self.random.choices(
            [TicketPriority.NORMAL, TicketPriority.HIGH, TicketPriority.LOW], cum_weights=(70, 88, 100)
        )[0]

    # -- telling

    def tell(self, pk: int, message_ids: list[int]) -> None:
        self.pk, self.message_ids = pk, message_ids
        self._say(MessageKind.INBOUND, self._greeted(self.issue.opening), EventKind.CREATED)
        is_slow = self.random.random() < 0.13
        if not self._wait(1.6 if is_slow else self.random.uniform(0.05, 0.9), of=self._promise(SlaTarget.FIRST_REPLY)):
            return
        self._take()
        if self.is_vivid and not self._deal_with_it():
            return
        self._say(MessageKind.REPLY, self._solution(is_slow), EventKind.REPLY)
        self._become(TicketStatus.SOLVED)
        if self.is_vivid and self.random.random() < 0.35:
            self._thank()
        self._close()

    def _deal_with_it(self) -> bool:
        """Ask back, look into it, or neither. Whether it came to a solution yet."""
        asked = self.random.random()
        if asked < 0.55 and not self._ask_back():
            return False
        if asked > 0.8:
            return True
        if asked >= 0.55:
            self._say(MessageKind.REPLY, self._greeted(self.texts.looking), EventKind.REPLY)
        if self.random.random() < 0.45:
            if not self._wait(0.1):
                return False
            self._say(MessageKind.NOTE, self.issue.note, EventKind.NOTE)
        share = 1.2 if self.random.random() < 0.08 else self.random.uniform(0.02, 0.6)
        return self._wait(share, of=self._promise(SlaTarget.RESOLVE))

    def _ask_back(self) -> bool:
        """Whether the customer has answered."""
        self._say(MessageKind.REPLY, self._greeted(self.issue.question), EventKind.REPLY)
        self._become(TicketStatus.PENDING)
        if not self._later(timedelta(hours=self.random.choice((2, 5, 20, 26, 70)) * self.random.uniform(0.5, 1.5))):
            return False
        self._say(MessageKind.INBOUND, self.issue.answer, EventKind.INBOUND)
        self._become(TicketStatus.OPEN, by_customer=True)
        return True

    def _thank(self) -> None:
        if not self._later(timedelta(hours=self.random.uniform(1, 30))):
            return
        self._say(MessageKind.INBOUND, self.random.choice(self.texts.thanks), EventKind.INBOUND)
        self._become(TicketStatus.OPEN, by_customer=True)
        if self._wait(self.random.uniform(0.1, 2)):
            self._become(TicketStatus.SOLVED)

    def _close(self) -> None:
        if not self.is_over and self._later(timedelta(days=7)):
            self._become(TicketStatus.CLOSED, by_nobody=True)

    # -- steps. Each says False once the story has come to the present.

    def _wait(self, hours: float, of: timedelta | None = None) -> bool:
        """Working time passes: so many hours, or that share of a promise."""
        span = of * hours if of is not None else timedelta(hours=hours)
        at = add_working_time(self.rules.calendar, self.at, span)
        return at is not None and self._go_to(at)

    def _later(self, span: timedelta) -> bool:
        return self._go_to(self.at + span)

    def _go_to(self, at: datetime) -> bool:
        if at >= self.world.now:
            self.is_over = True
            return False
        self.at = at
        return True

    def _promise(self, target: SlaTarget) -> timedelta:
        promise = self.rules.promise(self.priority)
        return (promise.first_reply if target == SlaTarget.FIRST_REPLY else promise.resolve) or timedelta(hours=16)

    def _take(self) -> None:
        self.assignee = self.agent
        if self.is_vivid:
            self._note(EventKind.ASSIGNEE, self.agent, "", str(self.agent))
            self._become(TicketStatus.OPEN)

    def _say(self, kind: MessageKind, text: str, event: EventKind) -> None:
        pk = self.message_ids.pop()
        is_theirs = kind == MessageKind.INBOUND
        taken_down = is_theirs and self.channel == TicketChannel.PHONE
        author = self.agent if taken_down or not is_theirs else None
        who, email = self._sender() if is_theirs else ("", "")
        channel = str(self.channel) if is_theirs else ""
        self.messages.append([pk, self.pk, str(kind), author, who, email, text, "", channel, "", self.at])
        after = str(int(self.status)) if event == EventKind.CREATED else ""
        self._note(event, author, "", after, pk)

    def _become(self, status: TicketStatus, *, by_customer: bool = False, by_nobody: bool = False) -> None:
        actor = None if by_customer or by_nobody else self.agent
        self._note(EventKind.STATUS, actor, str(int(self.status)), str(int(status)))
        self.status = status

    def _note(self, kind: EventKind, actor: int | None, before: str, after: str, message: int | None = None) -> None:
        self.events.append([self.pk, str(kind), self.at, actor, before, after, message])

    # -- words

    def _sender(self) -> tuple[str, str]:
        if self.asker is None:
            return "", ""
        if self.asker.contact:
            return self.asker.contact[1], self.asker.contact[2] or self.asker.email
        return self.asker.name, self.asker.email

    def _greeted(self, text: str) -> str:
        return f"{self.texts.greeting}{'，' if self.world.is_chinese else ','}\n\n{text.format(no=self.order)}"

    def _solution(self, is_slow: bool) -> str:
        text = self._greeted(self.issue.solution)
        return f"{text}\n\n{self.texts.late}" if is_slow else text

    # -- rows

    def add_to(self, rows: Rows, pk: int, number: int, external_id: str) -> None:
        state = self.rules.state(
            [Line(event[1], event[2], event[5]) for event in self.events], self.priority, self.world.now
        )
        for clock in state.clocks:
            if clock.missed_at:
                rows.events.append([pk, str(EventKind.MISSED), clock.missed_at, None, "", str(clock.target), None])
        asker, subject = self.asker, self.issue.subject.format(no=self.order)
        updated = self.events[-1][2]
        rows.tickets.append(
            [
                pk,
                number,
                subject,
                asker.pk if asker else None,
                asker.contact[0] if asker and asker.contact else None,
                "",
                "",
                self.queue.pk,
                self.assignee,
                int(self.status),
                int(self.priority),
                str(self.channel),
                external_id,
                state.first_replied_at,
                state.solved_at,
                state.closed_at,
                state.due_at,
                state.first_reply.due_at,
                state.resolve.due_at,
                state.next_miss_at,
                state.first_reply.missed_at is not None,
                state.resolve.missed_at is not None,
                self.agent if self.channel == TicketChannel.PHONE else None,
                1,
                self.came_in,
                updated,
            ]
        )
        rows.messages += self.messages
        rows.events += self.events
        words = document(self.world.tenant.pk, asker.name if asker else "", text=subject)
        rows.words.append((pk, updated, words))
