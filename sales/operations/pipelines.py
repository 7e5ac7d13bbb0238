"""Changes to how a tenant sells. Whoever changes a pipeline's stages holds its row, so that their order stays whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import transaction
from django.db.models import Case, F, Model, PositiveSmallIntegerField, QuerySet, Value, When

from crm.accounts.models import User
from crm.errors import (
    LastPipeline,
    NoPipeline,
    NothingToDo,
    PipelineHasDeals,
    ReasonHasDeals,
    StageHasDeals,
    StagesMissing,
)

from ..choices.defaults import LOST_REASONS, PIPELINE_NAME, STAGES
from ..choices.pipelines import DealStatus
from ..models import Deal, DealStageChange, LostReason, Pipeline, Stage
from .deals import move_deals

Ordered = TypeVar("Ordered", Pipeline, Stage, LostReason)

# Deals that a removed stage hands on in one transaction.
BATCH = 500
_CERTAIN = {DealStatus.WON: 100, DealStatus.LOST: 0}


def create_defaults() -> None:
    """A pipeline with stages, and the usual reasons, in the language that is on."""
    create_pipeline(name=str(PIPELINE_NAME))
    LostReason.objects.bulk_create(
        LostReason(name=str(name), position=place) for place, name in enumerate(LOST_REASONS)
    )


@transaction.atomic
def create_pipeline(*, name: str) -> Pipeline:
    """Add a pipeline, behind the others, with the usual stages."""
    pipeline = Pipeline(name=name, position=_end_of(Pipeline.objects.active()))
    pipeline.save()
    Stage.objects.bulk_create(
        Stage(
            pipeline=pipeline,
            name=str(stage.name),
            kind=stage.kind,
            probability_percent=stage.probability_percent,
            position=place,
        )
        for place, stage in enumerate(STAGES)
    )
    return pipeline


@transaction.atomic
def save_pipeline(*, pipeline: Pipeline) -> Pipeline:
    if pipeline.pk is None:
        return create_pipeline(name=pipeline.name)
    return _save_next_version(pipeline)


@transaction.atomic
def save_stage(*, stage: Stage) -> Stage:
    """Save what a form has filled in. A new open stage comes before those for closed deals.

    Raises StageHasDeals when the kind of a stage with deals is to change, and StagesMissing when it was the last one of
    its kind.
    """
    _hold(stage.pipeline_id)
    stage.probability_percent = _CERTAIN.get(DealStatus(stage.kind), stage.probability_percent)
    if stage.pk is None:
        stage.position = 0
        stage.save()
        others = list(_stages(stage.pipeline_id).exclude(pk=stage.pk))
        before = sum(other.is_open for other in others) if stage.is_open else len(others)
        _number([*others[:before], stage, *others[before:]])
        return stage
    former = Stage.objects.values_list("kind", flat=True).get(pk=stage.pk)
    if former != stage.kind and Deal.objects.filter(stage=stage).exists():
        raise StageHasDeals
    _save_next_version(stage)
    _check_kinds(stage.pipeline_id)
    return stage


@transaction.atomic
def retire_stage(*, stage: Stage) -> None:
    """Take a stage out of its pipeline; its deals are still in it (`empty_stage`). Raises StagesMissing."""
    _hold(stage.pipeline_id)
    _change(Stage.objects.filter(pk=stage.pk, is_active=True), is_active=False)
    _check_kinds(stage.pipeline_id)


@transaction.atomic
def empty_stage(*, stage: Stage, into: Stage | None, user: User) -> int:
    """Hand on the next deals of a retired stage; returns how many. Emptied, a stage without a past is deleted."""
    rows = Deal.objects.filter(stage=stage)
    # In the order of ids, as bulk actions lock them.
    batch = list(rows.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)[:BATCH])
    if batch:
        if into is None or into.kind != stage.kind:
            raise NoPipeline
        return move_deals(deals=Deal.objects.filter(pk__in=batch), stage=into, user=user)
    if not _has_past(Stage.objects.filter(pk=stage.pk)):
        stage.delete()
    return 0


@transaction.atomic
def remove_pipeline(*, pipeline: Pipeline) -> None:
    """Delete a pipeline without deals; one that deals once went through is taken out of use, for their history.

    Raises PipelineHasDeals, and LastPipeline when there is no other one.
    """
    _hold(pipeline.pk)
    if Deal.objects.filter(pipeline=pipeline).exists():
        raise PipelineHasDeals
    if not Pipeline.objects.active().exclude(pk=pipeline.pk).exists():
        raise LastPipeline
    if _has_past(Stage.objects.filter(pipeline=pipeline)):
        _change(Pipeline.objects.filter(pk=pipeline.pk), is_active=False)
    else:
        pipeline.delete()


@transaction.atomic
def save_lost_reason(*, reason: LostReason) -> LostReason:
    if reason.pk is None:
        reason.position = _end_of(LostReason.objects.all())
        reason.save()
        return reason
    return _save_next_version(reason)


@transaction.atomic
def remove_lost_reason(*, reason: LostReason) -> None:
    """Raises ReasonHasDeals: what deals were lost for is not forgotten."""
    if Deal.objects.filter(lost_reason=reason).exists():
        raise ReasonHasDeals
    reason.delete()


@transaction.atomic
def shift(*, one: Ordered, by: int) -> None:
    """Let one change places with its neighbour, above (-1) or below (1). Raises NothingToDo at the end."""
    rows = _siblings(one)
    ordered = list(rows.select_for_update(of=("self",)).order_by("position", "id"))
    place = next((place for place, other in enumerate(ordered) if other.pk == one.pk), None)
    if place is None or not 0 <= place + by < len(ordered):
        raise NothingToDo
    ordered[place], ordered[place + by] = ordered[place + by], ordered[place]
    _number(ordered)


def _siblings(one: Pipeline | Stage | LostReason) -> QuerySet:
    if isinstance(one, Stage):
        _hold(one.pipeline_id)
        return _stages(one.pipeline_id)
    return Pipeline.objects.active() if isinstance(one, Pipeline) else LostReason.objects.all()


def _hold(pipeline_id: int) -> None:
    """The lock comes first: two people may arrange the same pipeline."""
    Pipeline.objects.select_for_update().get(pk=pipeline_id)


def _stages(pipeline_id: int) -> QuerySet[Stage]:
    return Stage.objects.active().filter(pipeline_id=pipeline_id).order_by("position", "id")


def _check_kinds(pipeline_id: int) -> None:
    if {*_stages(pipeline_id).values_list("kind", flat=True)} != {*DealStatus}:
        raise StagesMissing


def _has_past(stages: QuerySet[Stage]) -> bool:
    ids = stages.order_by().values("pk")
    return (
        DealStageChange.objects.filter(from_stage__in=ids).exists()
        or DealStageChange.objects.filter(to_stage__in=ids).exists()
    )


def _end_of(rows: QuerySet) -> int:
    last = rows.order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _number(ordered: Sequence[Model]) -> None:
    """Write the places of rows in their order. Where they stand is no new version: a form knows nothing of it."""
    model = type(ordered[0])
    places = [When(pk=one.pk, then=Value(place)) for place, one in enumerate(ordered)]
    rows = model._default_manager.filter(pk__in=[one.pk for one in ordered])
    rows.update(position=Case(*places, default=F("position"), output_field=PositiveSmallIntegerField()))


def _save_next_version(one: Ordered) -> Ordered:
    one.version += 1
    one.save()
    return one


def _change(rows: QuerySet, **values: object) -> int:
    return rows.update(**values, version=F("version") + 1)
