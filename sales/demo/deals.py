"""Invented deals: two years of a pipeline that flows, with its seasons, its losses and what is open now.

Deal number N of a tenant is always the same one, and there are as many deals as customers: some customers have none,
the active ones several.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import override

from crm.demo.bulk import insert, reserve_ids, settle
from crm.demo.registry import DemoTenant, demo
from crm.pages.formats import minor_digits
from crm.search.tokens import document, name_sort
from customers.choices import CustomerStage

from ..choices.pipelines import DealStatus
from ..models import Deal, DealSearch, DealStageChange, DealStageStat, LostReason, Pipeline, Stage
from ..models.deals import GAP
from ..operations.pipelines import create_defaults
from .deal_texts import TEXTS, Texts
from .known import Known, highest, read_customers

CHUNK = 10_000
# The first ones are looked at: they have their whole history.
VIVID = 2_000
NUMBER = "DEMO-D-"
DAYS = 730

COLUMNS = [
    "id",
    "name",
    "name_sort",
    "customer_id",
    "contact_id",
    "pipeline_id",
    "stage_id",
    "status",
    "pos",
    "stage_since",
    "amount",
    "currency",
    "owner_id",
    "opened_on",
    "expected_close_on",
    "closed_at",
    "lost_reason_id",
    "lost_note",
    "note",
    "external_id",
    "created_by_id",
    "version",
    "created_at",
    "updated_at",
]
CHANGE_COLUMNS = ["deal_id", "from_stage_id", "to_stage_id", "at", "by_id", "stayed_seconds"]

# How much is begun in a month, January first: a strong spring and autumn, quiet holidays.
_SEASONS = {
    False: (7, 8, 10, 10, 9, 9, 6, 5, 10, 11, 9, 6),
    True: (8, 3, 10, 11, 9, 9, 8, 8, 11, 7, 11, 12),
}
# How often deals with a customer of a stage end well.
_LUCK = {
    CustomerStage.ACTIVE: 0.78,
    CustomerStage.LAPSED: 0.55,
    CustomerStage.ENGAGED: 0.35,
    CustomerStage.PROSPECT: 0.0,
    CustomerStage.LOST: 0.05,
}
_REASONS = (30, 24, 14, 14, 8, 6, 4)


@demo
def fill_deals(world: DemoTenant) -> None:
    """Bring the tenant up to as many invented deals as it has invented customers."""
    with transaction.atomic():
        ways = _Ways.of(world)
        start = highest(Deal, NUMBER)
    chunks = [range(at, min(at + CHUNK, world.customers)) for at in range(start, world.customers, CHUNK)]
    for numbers in chunks:
        with transaction.atomic():
            _write(_invent(world, ways, numbers))
        world.say(f"{world.tenant.slug}: {numbers.stop:,} deals")
    if len(chunks) > 1:
        settle(Deal, DealSearch, DealStageChange, DealStageStat)


@dataclass(frozen=True)
class Way:
    """A pipeline: its open stages in order, and where deals end."""

    pipeline: Pipeline
    open: Sequence[Stage]
    won: Stage
    lost: Stage

    @classmethod
    def of(cls, pipeline: Pipeline) -> Way:
        stages = list(pipeline.stages.active().in_order())
        ends = {stage.kind: stage for stage in stages if not stage.is_open}
        return cls(pipeline, [one for one in stages if one.is_open], ends[DealStatus.WON], ends[DealStatus.LOST])


@dataclass(frozen=True)
class _Ways:
    """How the tenant sells: its first pipeline, and the renewals, which the demo adds."""

    sales: Way
    renewals: Way
    reasons: Sequence[LostReason]

    @classmethod
    def of(cls, world: DemoTenant) -> _Ways:
        if not Pipeline.objects.active().exists():
            with override(world.tenant.language):
                create_defaults()
        first = Pipeline.objects.active().in_order()[0]
        reasons = list(LostReason.objects.active().in_order())
        return cls(Way.of(first), Way.of(_renewals(TEXTS[world.is_chinese])), reasons)


def _renewals(texts: Texts) -> Pipeline:
    known = Pipeline.objects.active().filter(name=texts.renewals).first()
    if known:
        return known
    pipeline = Pipeline(name=texts.renewals, position=99)
    pipeline.save()
    first = Pipeline.objects.active().in_order()[0]
    ends = first.stages.active().in_order().exclude(kind=DealStatus.OPEN)
    stages = [*((name, DealStatus.OPEN) for name in texts.renewal_stages), *((end.name, end.kind) for end in ends)]
    chances = {DealStatus.WON: 100, DealStatus.LOST: 0}
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=name,
            kind=kind,
            position=place,
            probability_percent=chances.get(DealStatus(kind), 40 + 20 * place),
        )
        for place, (name, kind) in enumerate(stages)
    )
    return pipeline


@dataclass
class Rows:
    """What goes into the tables, in the order of their columns."""

    deals: list[list[Any]] = field(default_factory=list)
    words: list[tuple[int, datetime, str]] = field(default_factory=list)
    changes: list[list[Any]] = field(default_factory=list)


def _write(rows: Rows) -> None:
    insert(Deal, COLUMNS, rows.deals)
    insert(DealSearch, ["deal_id", "updated_at", "vec"], rows.words)
    insert(DealStageChange, CHANGE_COLUMNS, rows.changes)


def _invent(world: DemoTenant, ways: _Ways, numbers: range) -> Rows:
    customers = read_customers(numbers)
    rows = Rows()
    for number, pk in zip(numbers, reserve_ids(Deal, len(numbers)), strict=True):
        random = Random(f"{world.seed} deal {number}")  # noqa: S311  # nothing secret: the demo shall be the same
        customer = _whose(random, customers, numbers)
        if customer is not None:
            _Invention(world, ways, random, number, pk, customer).add_to(rows)
    return rows


def _whose(random: Random, customers: dict[int, Known], numbers: range) -> Known | None:
    """A customer out of three: rather one with whom there is business than a prospect."""
    asked = [customers.get(random.randrange(numbers.start, numbers.stop)) for _ in range(3)]
    there = [one for one in asked if one is not None]
    busy = [one for one in there if one.stage in (CustomerStage.ACTIVE, CustomerStage.ENGAGED)]
    return next(iter(busy or there), None)


class _Invention:
    """One deal, from its beginning to its end or to where it is now."""

    def __init__(self, world: DemoTenant, ways: _Ways, random: Random, number: int, pk: int, customer: Known):
        self.world, self.random, self.number, self.pk, self.customer = world, random, number, pk, customer
        self.texts, self.ways = TEXTS[world.is_chinese], ways
        self.zone = ZoneInfo(world.tenant.time_zone)
        self.is_vivid = number < VIVID
        self.is_renewal = customer.stage == CustomerStage.ACTIVE and random.random() < 0.16
        self.way = ways.renewals if self.is_renewal else ways.sales
        self.wins = random.random() < _LUCK[CustomerStage(customer.stage)] + (0.15 if self.is_renewal else 0)
        self.begun = self._beginning()
        self.cycle = timedelta(hours=self._cycle_hours())
        self.owner_id = customer.owner_id or world.people[random.choice(("sales", "sales2"))].pk

    @property
    def ended(self) -> bool:
        return self.begun + self.cycle <= self.world.now

    def add_to(self, rows: Rows) -> None:
        random = self.random
        passed = self._stages_passed()
        moments = self._moments(len(passed))
        stage, since = passed[-1], moments[-1]
        closed_at = None if stage.is_open else since
        lost = self._lost(stage)
        subject = random.choice(self.texts.renewal_subjects if self.is_renewal else self.texts.subjects)
        updated = (
            max(since, min(self.world.now, since + timedelta(days=random.randrange(5)))) if stage.is_open else since
        )
        amount, currency = self._amount(stage)
        rows.deals.append(
            [
                self.pk,
                subject,
                name_sort(subject),
                self.customer.pk,
                self.customer.contact[0] if self.customer.contact else None,
                stage.pipeline_id,
                stage.pk,
                stage.kind,
                -int(since.timestamp() * 1_000_000 + self.number % 1_000) * GAP,
                since,
                amount,
                currency,
                self.owner_id,
                self.begun.astimezone(self.zone).date(),
                self._expected(stage),
                closed_at,
                *lost,
                random.choice(self.texts.notes) if self.is_vivid and random.random() < 0.3 else "",
                f"{NUMBER}{self.number + 1:07d}",
                self.owner_id,
                len(passed),
                self.begun,
                updated,
            ]
        )
        rows.words.append((self.pk, updated, document(self.world.tenant.pk, subject, self.customer.name)))
        rows.changes += self._changes(passed, moments)

    def _beginning(self) -> datetime:
        """A working hour since the customer is known; months differ, and business grows."""
        known = min(DAYS, max(1, (self.world.now - self.customer.created_at).days))
        seasons = _SEASONS[self.world.is_chinese]
        days_ago = 0
        for _ in range(4):
            days_ago = self.random.randrange(known)
            month = (self.today - timedelta(days=days_ago)).month
            growth = 1 - 0.3 * days_ago / DAYS
            if self.random.random() < seasons[month - 1] / 12 * growth:
                break
        return self._working_hour(self.today - timedelta(days=days_ago))

    def _cycle_hours(self) -> float:
        """Won deals take about seven weeks. Of the lost ones half are over quickly."""
        if not self.wins and self.random.random() < 0.5:
            return 24 * self.random.uniform(4, 20)
        return min(24 * 300, 24 * self.random.lognormvariate(3.9, 0.6))

    def _stages_passed(self) -> list[Stage]:
        """From the first stage to where the deal is now."""
        stages = list(self.way.open)
        if not self.ended:
            progress = (self.world.now - self.begun) / self.cycle
            return stages[: 1 + min(len(stages) - 1, int(progress * len(stages)))]
        # A deal that is lost seldom came far.
        came = (
            len(stages) if self.wins else self.random.choices(range(1, len(stages) + 1), range(len(stages), 0, -1))[0]
        )
        return [*stages[:came], self.way.won if self.wins else self.way.lost]

    def _moments(self, count: int) -> list[datetime]:
        """When each stage was entered, the first one at the beginning."""
        end = self.begun + self.cycle if self.ended else self.world.now
        span = (end - self.begun) * (1.0 if self.ended else self.random.uniform(0.3, 0.95))
        cuts = sorted(self.random.random() for _ in range(count - 2)) if count > 2 else []
        shares = [0.0, *cuts, 1.0] if count > 1 else [0.0]
        return [self.begun + span * share for share in shares]

    def _changes(self, passed: Sequence[Stage], moments: Sequence[datetime]) -> list[list[Any]]:
        steps = [
            [self.pk, former.pk, stage.pk, at, self.owner_id, int((at - since).total_seconds())]
            for former, stage, since, at in zip(passed, passed[1:], moments, moments[1:], strict=False)
        ]
        # At the scale of a benchmark the last step tells enough.
        return steps if self.is_vivid else steps[-1:]

    def _amount(self, stage: Stage) -> tuple[int | None, str]:
        if stage.is_open and stage.position == 0 and self.random.random() < 0.35:
            return None, self.world.tenant.currency
        home = self.world.tenant.currency
        currency = ("USD" if home == "CNY" else "EUR") if self.random.random() < 0.03 else home
        major = self.random.lognormvariate(9.1, 0.9) * (7 if currency == "CNY" else 1)
        rounding = 500 if major > 20_000 else 50
        return max(1, round(major / rounding)) * rounding * 10 ** minor_digits(currency), currency

    def _expected(self, stage: Stage) -> date | None:
        if stage.is_open and stage.position == 0 and self.random.random() < 0.3:
            return None
        # Plans are hopeful: a part of what is open is overdue.
        return (self.begun + self.cycle * self.random.uniform(0.75, 1.15)).astimezone(self.zone).date()

    def _lost(self, stage: Stage) -> tuple[int | None, str]:
        if stage.kind != DealStatus.LOST or not self.ways.reasons:
            return None, ""
        weights = [*_REASONS, *[1] * len(self.ways.reasons)][: len(self.ways.reasons)]
        place = self.random.choices(range(len(self.ways.reasons)), weights)[0]
        said = self.is_vivid and self.random.random() < 0.6
        return self.ways.reasons[place].pk, self.texts.lost_notes.get(place, "") if said else ""

    def _working_hour(self, day: date) -> datetime:
        day -= timedelta(days=max(0, day.weekday() - 4))
        at = datetime.combine(day, time(9 + self.random.randrange(9), self.random.randrange(60)), self.zone)
        return at if at <= self.world.now else at - timedelta(days=7)

    @property
    def today(self) -> date:
        return self.world.now.astimezone(self.zone).date()
