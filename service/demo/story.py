"""What becomes of one ticket of the demo, step by step, until it is over or the present is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm.demo.registry import DemoTenant
from crm.search.tokens import document

from ..choices.tickets import EventKind, MessageKind, SlaTarget, TicketChannel, TicketPriority, TicketStatus
from ..models import Queue
from ..operations.clock import Rules
from ..sla import Line
from ..working_time import add_working_time
from .texts import TEXTS, Issue, Texts


@dataclass(frozen=True, slots=True)
class Asker:
    """A customer, and whom one talks to there."""

    pk: int
    name: str
    email: str
    created_at: datetime
    contact: tuple[int, str, str] | None


@dataclass(frozen=True)
class Desks:
    """The queues in the order in which issues name them, and the rules they go by."""

    queues: list[Queue]
    rules: Mapping[int, Rules]


@dataclass
class Rows:
    tickets: list[list[Any]] = field(default_factory=list)
    messages: list[list[Any]] = field(default_factory=list)
    events: list[list[Any]] = field(default_factory=list)
    words: list[tuple[int, datetime, str]] = field(default_factory=list)


class Story:
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
