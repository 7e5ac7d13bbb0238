from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, Sum

from crm.tenancy.models import Membership
from sales.choices.pipelines import DealStatus
from sales.models import Deal, DealMonth, Stage

from .months import Months
from .reach import owners_seen


@dataclass(frozen=True, slots=True)
class StageNow:
    """What lies in an open stage; `weighted` by how likely it is to be won."""

    stage_id: int
    name: str
    probability_percent: int
    deal_count: int
    amount: int

    @property
    def weighted(self) -> int:
        return self.amount * self.probability_percent // 100


@dataclass(frozen=True, slots=True)
class PipelineNow:
    pipeline_id: int
    name: str
    stages: list[StageNow]

    @property
    def deal_count(self) -> int:
        return sum(stage.deal_count for stage in self.stages)

    @property
    def amount(self) -> int:
        return sum(stage.amount for stage in self.stages)

    @property
    def weighted(self) -> int:
        return sum(stage.weighted for stage in self.stages)


def pipeline_by_stage(membership: Membership, currency: str, pipeline_id: int | None = None) -> PipelineNow | None:
    """The open stages of a pipeline, or of the first one. All deals are counted; amounts are of the currency."""
    # The stages come with their roll-up, so that those without deals are there too.
    seen = owners_seen(membership, Deal, "stats__owner")
    if seen is None:
        return None
    stages = Stage.objects.in_use().open()
    if pipeline_id is not None:
        stages = stages.filter(pipeline_id=pipeline_id)
    rows = stages.values("pk", "name", "probability_percent", "pipeline_id", "pipeline__name").annotate(
        n=Sum("stats__deal_count", filter=seen or None),
        total=Sum("stats__amount", filter=seen & Q(stats__currency=currency)),
    )
    found = list(rows)
    if not found:
        return None
    first = found[0]["pipeline_id"]
    return PipelineNow(
        first, found[0]["pipeline__name"], [_stage_now(row) for row in found if row["pipeline_id"] == first]
    )


def _stage_now(row: dict[str, Any]) -> StageNow:
    return StageNow(row["pk"], row["name"], row["probability_percent"], row["n"] or 0, row["total"] or 0)


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """Deals of whatever currency that were won or lost in a month; amounts are of the one asked for."""

    month: date
    won_count: int = 0
    lost_count: int = 0
    won_amount: int = 0
    lost_amount: int = 0

    @property
    def win_rate(self) -> float | None:
        return win_rate(self.won_count, self.lost_count)


def win_rate(won: int, lost: int) -> float | None:
    return won / (won + lost) if won + lost else None


def closed_by_month(membership: Membership, months: Months, currency: str) -> list[ClosedMonth] | None:
    owners = owners_seen(membership, Deal)
    if owners is None:
        return None
    rows = (
        DealMonth.objects.filter(owners, month__gte=months.first, month__lt=months.end)
        .order_by()
        .values("month")
        .annotate(
            won=_sum("deal_count", DealStatus.WON),
            lost=_sum("deal_count", DealStatus.LOST),
            won_sum=_sum("amount", DealStatus.WON, currency=currency),
            lost_sum=_sum("amount", DealStatus.LOST, currency=currency),
        )
    )
    found = {
        row["month"]: ClosedMonth(
            row["month"], row["won"] or 0, row["lost"] or 0, row["won_sum"] or 0, row["lost_sum"] or 0
        )
        for row in rows
    }
    return [found.get(month) or ClosedMonth(month) for month in months]


def _sum(name: str, status: DealStatus, **more: str) -> Sum:
    return Sum(name, filter=Q(status=status, **more))


@dataclass(frozen=True, slots=True)
class PersonWon:
    name: str
    deal_count: int
    amount: int


def won_by_person(membership: Membership, months: Months, currency: str, most: int = 10) -> list[PersonWon] | None:
    """Who won most in these months, of the people whose deals one sees. Two statements: sums, then names."""
    owners = owners_seen(membership, Deal)
    if owners is None:
        return None
    won = DealMonth.objects.filter(
        owners,
        month__gte=months.first,
        month__lt=months.end,
        status=DealStatus.WON,
        currency=currency,
        owner__isnull=False,
    )
    rows = won.order_by().values("owner_id").annotate(n=Sum("deal_count"), total=Sum("amount"))
    first = list(rows.filter(n__gt=0).order_by("-total", "owner_id")[:most])
    people = get_user_model().objects.in_bulk([row["owner_id"] for row in first])
    return [PersonWon(str(people[row["owner_id"]]), row["n"], row["total"]) for row in first]
