from __future__ import annotations

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from crm.pages.tables import Column, LinkColumn, Table, YesNoColumn

from ..models import Pipeline, Stage


def stages_in_order() -> Prefetch:
    return Prefetch("stages", Stage.objects.active().in_order(), to_attr="stages_in_order")


def _names(pipeline: Pipeline) -> str:
    return " → ".join(stage.name for stage in pipeline.stages_in_order)  # type: ignore[attr-defined]  # prefetched


class PipelineTable(Table):
    name = LinkColumn(_("Name"), sort="position")
    stages = Column(_("Stages"), accessor=_names, prefetch=[stages_in_order])

    default_sort = "name"


class LostReasonTable(Table):
    name = LinkColumn(_("Name"), sort="position")
    is_active = YesNoColumn(_("In use"))

    default_sort = "name"
