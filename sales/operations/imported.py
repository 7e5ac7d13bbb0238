"""What follows from deals that came in from a file, set by set and in the chunk's own transaction."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crm.tenancy.context import current_user_id_or_none

from ..choices.pipelines import DealStatus
from ..models import Deal, DealStageChange, Stage
from .deals import seconds_between


def settle_imported(ids: list[int]) -> None:
    """A file names the stage. Pipeline, status and the day of closing follow, as if the deal had been moved there."""
    rows = Deal.objects.filter(pk__in=ids)
    now = timezone.now()
    for stage in Stage.objects.filter(pk__in=rows.order_by().values("stage").distinct()):
        here = rows.filter(stage=stage)
        here.filter(~Q(status=stage.kind) | ~Q(pipeline=stage.pipeline_id)).update(
            status=stage.kind, pipeline=stage.pipeline_id
        )
        if stage.is_open:
            here.filter(closed_at__isnull=False).update(closed_at=None)
        else:
            # Since then it has been where it is.
            closed = Coalesce(F("closed_at"), now)
            here.filter(Q(closed_at__isnull=True) | ~Q(stage_since=F("closed_at"))).update(
                closed_at=closed, stage_since=closed
            )
        if stage.kind != DealStatus.LOST:
            here.filter(Q(lost_reason__isnull=False) | ~Q(lost_note="")).update(lost_reason=None, lost_note="")


def tell_moves(changed: dict[int, dict[str, list[Any]]]) -> None:
    """Known deals that the file puts into another stage get a line in their history, as from any other move."""
    moved = {pk: columns["stage_id"] for pk, columns in changed.items() if "stage_id" in columns}
    since = dict(Deal.objects.filter(pk__in=[*moved]).values_list("pk", "stage_since"))
    now = timezone.now()
    DealStageChange.objects.bulk_create(
        (
            DealStageChange(
                deal_id=pk,
                from_stage_id=before,
                to_stage_id=after,
                at=now,
                by_id=current_user_id_or_none(),
                stayed_seconds=seconds_between(since[pk], now),
            )
            for pk, (before, after) in moved.items()
        ),
        batch_size=1_000,
    )
    Deal.objects.filter(pk__in=[*moved]).update(stage_since=now)
