"""Changes to deals that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from datetime import date, datetime, time

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import ContactElsewhere, DealMoved, NothingToDo, ReasonMissing
from crm.tenancy.deletion import delete_set

from ..choices.pipelines import DealStatus
from ..models import Deal, DealStageChange, LostReason, Stage
from ..models.deals import TopPosition, top_position
from .positions import place_below

# What going to another stage changes.
_MOVED = (
    *("stage", "pipeline", "status", "pos", "stage_since", "closed_at", "lost_reason", "lost_note", "amount"),
    *("version", "updated_at"),
)


@transaction.atomic
def save_deal(*, deal: Deal, stage: Stage, user: User) -> Deal:
    """Save what a form has filled in. Another stage than before is a move, and told in the deal's history."""
    if deal.contact is not None and deal.contact.customer_id != deal.customer_id:
        raise ContactElsewhere
    if deal.pk is None:
        deal.stage, deal.created_by = stage, user
        deal.opened_on = deal.opened_on or timezone.localdate()
        deal.save()
        return deal
    if stage.pk != deal.stage_id:
        _enter(deal, stage, user=user, pos=top_position())
    _save_next_version(deal)
    return deal


@transaction.atomic
def move_deal(
    *,
    deal: Deal,
    stage: Stage,
    user: User,
    seen_in: int | None = None,
    above: int | None = None,
    lost_reason: LostReason | None = None,
) -> Deal:
    """Put a deal into a stage, right below the deal with the id `above`, or on top.

    `seen_in` is the id of the stage in which the person saw the deal. When it is not there any more, somebody else was
    faster: raises DealMoved, and nothing changes. Raises ReasonMissing for a stage of lost deals.
    """
    deal = _locked(deal)
    if seen_in is not None and deal.stage_id != seen_in:
        raise _moved_meanwhile(deal)
    pos = place_below(stage=stage, above=above, moving=deal)
    if stage.pk == deal.stage_id:
        # Only its place: no change that a list, a form or the history would have to know of.
        deal.pos = pos
        Deal.objects.filter(pk=deal.pk).update(pos=pos)
        return deal
    is_losing = stage.kind == DealStatus.LOST and deal.status != DealStatus.LOST
    if is_losing and lost_reason is None:
        raise ReasonMissing
    _enter(deal, stage, user=user, pos=pos)
    if is_losing:
        deal.lost_reason = lost_reason
    _save_next_version(deal, only=_MOVED)
    return deal


@transaction.atomic
def win_deal(*, deal: Deal, user: User, amount: int | None = None, closed_on: date | None = None) -> Deal:
    """Raises NothingToDo when it is won already, and NoPipeline when its pipeline has no stage for won deals."""
    deal = _locked(deal)
    if deal.status == DealStatus.WON:
        raise NothingToDo
    _enter(deal, Stage.objects.closing(deal.pipeline_id, DealStatus.WON), user=user, pos=top_position())
    deal.closed_at = _moment(closed_on)
    if amount is not None:
        deal.amount = amount
    _save_next_version(deal, only=_MOVED)
    return deal


@transaction.atomic
def lose_deal(*, deal: Deal, reason: LostReason, user: User, note: str = "", closed_on: date | None = None) -> Deal:
    """Raises NothingToDo when it is lost already, and NoPipeline when its pipeline has no stage for lost deals."""
    deal = _locked(deal)
    if deal.status == DealStatus.LOST:
        raise NothingToDo
    _enter(deal, Stage.objects.closing(deal.pipeline_id, DealStatus.LOST), user=user, pos=top_position())
    deal.closed_at = _moment(closed_on)
    deal.lost_reason, deal.lost_note = reason, note
    _save_next_version(deal, only=_MOVED)
    return deal


@transaction.atomic
def reopen_deal(*, deal: Deal, user: User) -> Deal:
    """Take a closed deal back to the open stage it came from, or to the first one. Raises NothingToDo."""
    deal = _locked(deal)
    if deal.is_open:
        raise NothingToDo
    _enter(deal, _former_stage(deal), user=user, pos=top_position())
    _save_next_version(deal, only=_MOVED)
    return deal


@transaction.atomic
def move_deals(*, deals: QuerySet[Deal], stage: Stage, user: User, lost_reason: LostReason | None = None) -> int:
    """Put many deals into a stage, on top; returns how many were not there yet. Raises ReasonMissing."""
    if stage.kind == DealStatus.LOST and lost_reason is None and deals.filter(~Q(status=DealStatus.LOST)).exists():
        raise ReasonMissing
    now = timezone.now()
    moved = list(deals.exclude(stage=stage).values_list("pk", "stage_id", "stage_since"))
    DealStageChange.objects.bulk_create(
        (
            DealStageChange(
                deal_id=pk,
                from_stage_id=from_id,
                to_stage=stage,
                at=now,
                by=user,
                stayed_seconds=seconds_between(since, now),
            )
            for pk, from_id, since in moved
        ),
        batch_size=1_000,
    )
    rows = Deal.objects.filter(pk__in=[pk for pk, _from_id, _since in moved])
    arriving = {
        "stage": stage,
        "pipeline_id": stage.pipeline_id,
        "status": stage.kind,
        "pos": TopPosition(),
        "stage_since": now,
    }
    # Closed is closed: another stage of the same kind leaves day and reason as they are. The others go first, because
    # afterwards all are of this kind.
    changed = _change(
        rows.filter(~Q(status=stage.kind)),
        **arriving,
        closed_at=None if stage.is_open else now,
        lost_reason=lost_reason if stage.kind == DealStatus.LOST else None,
        lost_note="",
    )
    return changed + _change(rows.filter(~Q(stage=stage)), **arriving)


@transaction.atomic
def assign_deals(*, deals: QuerySet[Deal], owner: User | None) -> int:
    """Hand deals over to a member, or (None) to nobody. Returns how many changed hands."""
    others = deals.filter(~Q(owner=owner) | Q(owner__isnull=True)) if owner else deals.filter(owner__isnull=False)
    return _change(others, owner=owner)


@transaction.atomic
def delete_deals(*, deals: QuerySet[Deal]) -> int:
    """Delete deals with their history; leads and quotes that led to them stay."""
    return delete_set(deals)


def _enter(deal: Deal, stage: Stage, *, user: User, pos: int) -> None:
    """Put a locked deal into another stage and write its history; the caller saves the deal."""
    now = timezone.now()
    DealStageChange.objects.create(
        deal=deal,
        from_stage_id=deal.stage_id,
        to_stage=stage,
        at=now,
        by=user,
        stayed_seconds=seconds_between(deal.stage_since, now),
    )
    if deal.status != stage.kind:
        # Closed anew, and not when or why it was closed before.
        deal.closed_at = deal.lost_reason = None
        deal.lost_note = ""
    deal.stage, deal.pos, deal.stage_since = stage, pos, now
    deal.follow_stage()


def _former_stage(deal: Deal) -> Stage:
    last = deal.stage_changes.filter(to_stage=deal.stage_id).select_related("from_stage").order_by("-at", "-id").first()
    if last and last.from_stage.is_open and last.from_stage.is_active:
        return last.from_stage
    return Stage.objects.closing(deal.pipeline_id, DealStatus.OPEN)


def _moved_meanwhile(deal: Deal) -> DealMoved:
    last = deal.stage_changes.select_related("by").order_by("-at", "-id").first()
    return DealMoved(deal=deal, stage=deal.stage, person=last.by if last else None)


def _locked(deal: Deal) -> Deal:
    """The lock comes first: two people may drag the same card, or close the same deal.

    Nothing is joined: whoever has waited would be shown the row as it is now beside the stage as it was before.
    """
    return Deal.objects.select_for_update().get(pk=deal.pk)


def _moment(day: date | None) -> datetime:
    """Now, or noon of a day that has passed: noon is the same day for everybody in the tenant."""
    if day is None or day == timezone.localdate():
        return timezone.now()
    return timezone.make_aware(datetime.combine(day, time(12)))


def seconds_between(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))


def _save_next_version(deal: Deal, *, only: tuple[str, ...] = ()) -> None:
    deal.version += 1
    deal.updated_at = timezone.now()
    deal.save(update_fields=only or None)


def _change(rows: QuerySet[Deal], **values: object) -> int:
    return rows.update(**values, version=F("version") + 1, updated_at=timezone.now())
