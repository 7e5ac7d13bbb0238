"""Deals as one member sees them: what lies in each stage now, and what was won and lost in a period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from crm.access.policy import visible
from sales.board import Owners, Stat, stage_stats
from sales.choices.pipelines import DealStatus
from sales.models import Deal, DealStageStat, Pipeline, Stage

from ..asking import Asked
from ..content import Column, Kind, Table
from ..periods import Period


@dataclass(frozen=True, slots=True)
class Closed:
    """How many deals were won and lost, and for how much."""

    won: int = 0
    lost: int = 0
    won_amount: int = 0
    lost_amount: int = 0

    @property
    def win_rate(self) -> float | None:
        closed = self.won + self.lost
        return self.won / closed if closed else None


def _sums_of(currency: str) -> dict[str, Any]:
    """All deals are counted; amounts are of one currency."""
    won, lost = Q(status=DealStatus.WON), Q(status=DealStatus.LOST)
    return {
        "won": Count("pk", filter=won),
        "lost": Count("pk", filter=lost),
        "won_amount": Coalesce(Sum("amount", filter=won & Q(currency=currency)), 0),
        "lost_amount": Coalesce(Sum("amount", filter=lost & Q(currency=currency)), 0),
    }


def _closed(row: Any) -> Closed:
    return Closed(row["won"], row["lost"], int(row["won_amount"]), int(row["lost_amount"]))


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with what lies in it."""

    stage: Stage
    count: int
    amount: int

    @property
    def weighted(self) -> int:
        return self.amount * self.stage.probability_percent // 100


@dataclass(frozen=True)
class Deals:
    asked: Asked

    @property
    def seen(self) -> QuerySet[Deal]:
        return visible(self.asked.membership, Deal).order_by()

    def in_stages(self, pipeline: Pipeline) -> list[StageLine]:
        """The stages in use, in the order of the board, from the roll-up. All deals are counted; amounts are of the
        tenant's currency."""
        stats = stage_stats(Owners.seen_by(self.asked.membership), DealStageStat.objects.filter(pipeline=pipeline))
        lines = []
        for stage in pipeline.stages.order_by("position", "id"):
            some = stats.get(stage.pk, [])
            amount = sum(one.amount for one in some if one.currency == self.asked.currency)
            if stage.is_active or some:
                lines.append(StageLine(stage, sum(one.count for one in some), amount))
        return lines

    def in_other_currencies(self, pipeline: Pipeline) -> list[Stat]:
        """What lies in open stages in other currencies than the tenant's, summed."""
        stats = stage_stats(
            Owners.seen_by(self.asked.membership),
            DealStageStat.objects.filter(pipeline=pipeline, stage__kind=DealStatus.OPEN),
        )
        sums: dict[str, tuple[int, int]] = {}
        for one in (one for some in stats.values() for one in some if one.currency != self.asked.currency):
            count, amount = sums.get(one.currency, (0, 0))
            sums[one.currency] = (count + one.count, amount + one.amount)
        return [Stat(count, amount, currency) for currency, (count, amount) in sorted(sums.items())]

    def open_by_owner(self, pipeline: Pipeline) -> dict[int | None, tuple[int, int]]:
        """{person: (how many, amount)} of open deals, from the roll-up."""
        rows = DealStageStat.objects.filter(
            Owners.seen_by(self.asked.membership).condition,
            pipeline=pipeline,
            stage__kind=DealStatus.OPEN,
        )
        found = (
            rows.order_by()
            .values("owner_id")
            .annotate(n=Sum("deal_count"), total=Coalesce(Sum("amount", filter=Q(currency=self.asked.currency)), 0))
        )
        return {row["owner_id"]: (int(row["n"]), int(row["total"])) for row in found if row["n"]}

    def closed_rows(self, period: Period) -> QuerySet[Deal]:
        begin, end = period.moments(self.asked.zone)
        return self.seen.filter(closed_at__gte=begin, closed_at__lt=end)

    def closed(self, period: Period) -> Closed:
        return _closed(self.closed_rows(period).aggregate(**_sums_of(self.asked.currency)))

    def closed_by_owner(self, period: Period) -> dict[int | None, Closed]:
        found = self.closed_rows(period).values("owner_id").annotate(**_sums_of(self.asked.currency))
        return {row["owner_id"]: _closed(row) for row in found}

    def lost_by_reason(self, period: Period) -> list[tuple[str, int, int]]:
        """(reason, how many, amount), the most frequent first; "" where nobody said."""
        lost = self.closed_rows(period).filter(status=DealStatus.LOST)
        found = lost.values("lost_reason__name").annotate(
            n=Count("pk"), total=Coalesce(Sum("amount", filter=Q(currency=self.asked.currency)), 0)
        )
        lines = [(row["lost_reason__name"] or "", row["n"], int(row["total"])) for row in found]
        return sorted(lines, key=lambda line: (-line[1], line[0]))

    def days_to_win(self, period: Period) -> float | None:
        """On the average from the first day of work to the day of winning, of deals whose first day is known."""
        won = self.closed_rows(period).filter(status=DealStatus.WON, opened_on__isnull=False)
        took = TruncDate("closed_at", tzinfo=self.asked.zone) - F("opened_on")
        found = won.aggregate(took=Avg(ExpressionWrapper(took, output_field=DurationField())))["took"]
        return None if found is None else found.total_seconds() / 86_400

    def largest_closed(self, period: Period, status: DealStatus, most: int) -> list[Deal]:
        rows = self.closed_rows(period).filter(status=status, currency=self.asked.currency, amount__isnull=False)
        return list(rows.select_related("customer", "owner", "lost_reason").order_by("-amount", "-pk")[:most])


def stage_table(title: str, lines: Sequence[StageLine], currency: str, note: str = "") -> Table:
    return Table(
        title,
        [
            Column(_("Stage")),
            Column(_("Deals"), Kind.NUMBER),
            Column(_("Amount"), Kind.MONEY, currency),
            Column(_("Probability"), Kind.SHARE),
            Column(_("Weighted"), Kind.MONEY, currency),
        ],
        [
            [line.stage.name, line.count, line.amount, line.stage.probability_percent / 100, line.weighted]
            for line in lines
        ],
        total=[
            _("In total"),
            sum(line.count for line in lines),
            sum(line.amount for line in lines),
            None,
            sum(line.weighted for line in lines),
        ],
        note=note,
    )
