"""What the board shows: the first deals of each stage, and what lies in each.

Two statements read the cards, whatever the number of deals: the ids of each stage's first ones, from the index of the
board, and the deals themselves. The sums come from the roll-up (DATA_DESIGN.md section 8).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet, Sum

from crm.access.policy import policy_for
from crm.tenancy.models import Membership
from crm.tenancy.statements import TenantStatement

from .models import Deal, DealStageStat, Pipeline, Stage

CARDS = 20


@dataclass(frozen=True, slots=True)
class Total:
    """What lies in a stage in one currency, in minor units; `weighted` by how likely it is to be won."""

    currency: str
    amount: int
    weighted: int = 0


@dataclass(slots=True)
class Column:
    """A stage with its first cards. `goes_on` when there are more than are shown."""

    stage: Stage
    cards: list[Deal] = field(default_factory=list)
    count: int = 0
    totals: list[Total] = field(default_factory=list)
    goes_on: bool = False

    @property
    def last(self) -> int | None:
        """Where the next cards go on."""
        return self.cards[-1].pk if self.cards else None


@dataclass(frozen=True, slots=True)
class Owners:
    """Whose deals are looked at: those of `people`, as far as the member sees, or of the one who was asked for.

    None in place of a list stands for everybody's, [None] for those that nobody owns.
    """

    people: Sequence[int | None] | None

    @classmethod
    def seen_by(cls, membership: Membership, asked: int | None = None, *, unowned: bool = False) -> Owners:
        seen = policy_for(Deal).people(membership)
        if unowned:
            return cls([None] if seen is None else [])
        if asked is None:
            return cls(seen)
        return cls([asked] if seen is None or asked in seen else [])

    @property
    def condition(self) -> Q:
        if self.people is None:
            return Q()
        # A list of one would be an `IN`, for which the planner does not walk the index in its order.
        return Q(owner=self.people[0]) if len(self.people) == 1 else Q(owner__in=self.people)


def columns(
    pipeline: Pipeline, membership: Membership, owners: Owners, *, of: Iterable[int] = (), with_cards: bool = True
) -> list[Column]:
    """The stages of a pipeline, or those `of` it with these ids, with their first cards and their sums."""
    stats = stage_stats(owners, DealStageStat.objects.filter(pipeline=pipeline))
    stages = pipeline.stages.order_by("position", "id")
    if of:
        stages = stages.filter(pk__in=[*of])
    # A stage that was taken out of use shows as long as deals wait in it.
    found = {
        stage.pk: Column(stage) for stage in stages if stage.is_active or any(s.count for s in stats.get(stage.pk, ()))
    }
    for deal in first_deals(membership, owners, [*found]) if with_cards else ():
        found[deal.stage_id].cards.append(deal)
    for key, column in found.items():
        column.goes_on = len(column.cards) > CARDS
        del column.cards[CARDS:]
        column.count = sum(stat.count for stat in stats.get(key, ()))
        column.totals = [_total(column.stage, stat) for stat in stats.get(key, ()) if stat.amount]
    return [*found.values()]


def more_cards(stage: Stage, membership: Membership, owners: Owners, *, after: int) -> Column:
    """The cards of a stage behind the deal `after`; none when that is not in the stage any more."""
    rows = policy_for(Deal).visible(membership, Deal.objects.filter(owners.condition, stage=stage))
    last = rows.filter(pk=after).values_list("pos", "pk").first()
    if last is None:
        return Column(stage)
    # In this form an index serves it (DATA_DESIGN.md section 6).
    behind = rows.filter(Q(pos__gt=last[0]) | Q(pk__gt=last[1]), pos__gte=last[0])
    cards = list(_for_cards(behind).order_by("pos", "id")[: CARDS + 1])
    return Column(stage, cards[:CARDS], goes_on=len(cards) > CARDS)


@dataclass(frozen=True, slots=True)
class Stat:
    count: int
    amount: int
    currency: str


def stage_stats(owners: Owners, stats: QuerySet[DealStageStat]) -> dict[int, list[Stat]]:
    """{stage: what lies in it, by currency, the largest first}, from the roll-up."""
    found = defaultdict(list)
    rows = stats.filter(owners.condition).values("stage_id", "currency").order_by()
    for row in rows.annotate(n=Sum("deal_count"), total=Sum("amount")):
        if row["n"] or row["total"]:
            found[row["stage_id"]].append(Stat(row["n"], row["total"], row["currency"]))
    return {stage: sorted(some, key=lambda stat: (-stat.count, stat.currency)) for stage, some in found.items()}


def first_deals(membership: Membership, owners: Owners, stages: Sequence[int]) -> list[Deal]:
    """The first cards of each stage and one more, by stage and place."""
    ids = _first_ids(owners, stages)
    # Asked again of what was read: the statement by hand is told who is seen, the policy says it.
    rows = policy_for(Deal).visible(membership, Deal.objects.filter(pk__in=ids))
    return sorted(_for_cards(rows), key=lambda deal: (deal.pos, deal.pk))


# A column that begins in the middle of the index and stops after some rows, for each stage and for each person of whom
# one sees the deals: the ORM writes no LATERAL.
_BY_STAGE = TenantStatement("""
SELECT card.id FROM unnest(%(stages)s::bigint[]) AS stage(id) CROSS JOIN LATERAL (
    SELECT d.id FROM sales_deal d WHERE d.tenant_id = %(tenant)s AND d.stage_id = stage.id
    ORDER BY d.pos, d.id LIMIT %(limit)s) card
""")
_BY_OWNER = TenantStatement("""
SELECT id FROM (
    SELECT card.id, row_number() OVER (PARTITION BY stage.id ORDER BY card.pos, card.id) AS place
    FROM unnest(%(stages)s::bigint[]) AS stage(id) CROSS JOIN unnest(%(people)s::bigint[]) AS person(id)
    CROSS JOIN LATERAL (
        SELECT d.id, d.pos FROM sales_deal d
        WHERE d.tenant_id = %(tenant)s AND d.owner_id = person.id AND d.stage_id = stage.id
        ORDER BY d.pos, d.id LIMIT %(limit)s) card
) ranked WHERE place <= %(limit)s
""")
_BY_NOBODY = TenantStatement("""
SELECT card.id FROM unnest(%(stages)s::bigint[]) AS stage(id) CROSS JOIN LATERAL (
    SELECT d.id FROM sales_deal d WHERE d.tenant_id = %(tenant)s AND d.owner_id IS NULL AND d.stage_id = stage.id
    ORDER BY d.pos, d.id LIMIT %(limit)s) card
""")


def _first_ids(owners: Owners, stages: Sequence[int]) -> list[int]:
    asked: dict[str, Any] = {"stages": [*stages], "limit": CARDS + 1}
    if owners.people is None:
        found = _BY_STAGE.fetch(**asked)
    elif not owners.people or not stages:
        found = []
    elif owners.people == [None]:
        found = _BY_NOBODY.fetch(**asked)
    else:
        found = _BY_OWNER.fetch(**asked, people=owners.people)
    return [pk for (pk,) in found]


def _for_cards(rows: QuerySet[Deal]) -> QuerySet[Deal]:
    hidden = ("password", "last_login", "created_at")
    return rows.select_related("customer", "owner").defer("note", "lost_note", *(f"owner__{name}" for name in hidden))


def _total(stage: Stage, stat: Stat) -> Total:
    return Total(stat.currency, stat.amount, stat.amount * stage.probability_percent // 100)
