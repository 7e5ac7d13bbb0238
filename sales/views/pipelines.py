"""How a tenant sells, arranged by its administrators and sales managers."""

from __future__ import annotations

from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.errors import NothingToDo
from crm.jobs import start_job
from crm.pages.counts import capped_count
from crm.pages.views import ActionPage, DeletePage, DetailPage, EditPage, ListPage
from crm.pages.views.base import Crumb, ObjectPage
from crm.pages.views.list import Empty

from ..board import Owners, stage_stats
from ..forms.pipelines import LostReasonForm, PipelineForm, StageForm, StageRemoveForm
from ..models import Deal, DealStageStat, LostReason, Pipeline, Stage
from ..operations.pipelines import (
    empty_stage,
    remove_lost_reason,
    remove_pipeline,
    retire_stage,
    save_lost_reason,
    save_pipeline,
    save_stage,
    shift,
)
from ..tables.pipelines import LostReasonTable, PipelineTable

# More deals than this move in a job.
AT_ONCE = 1_000


class PipelineList(ListPage):
    model = Pipeline
    kind = "pipelines"
    table = PipelineTable
    empty = Empty(_("No pipelines yet"), _("A pipeline is the way of a deal, stage by stage."), icon="route")

    def get_queryset(self):
        return self.tenant.pipelines.active()


class PipelineDetail(DetailPage):
    """The stages in their order, with what is in them."""

    model = Pipeline
    template_name = "sales/pipeline_detail.html"

    def get_queryset(self):
        return self.tenant.pipelines.active()

    def get_context(self, **context: Any) -> dict[str, Any]:
        pipeline = cast(Pipeline, self.object)
        # Everybody's: what is counted here are deals to be moved, whoever owns them.
        stats = stage_stats(Owners(None), DealStageStat.objects.filter(pipeline=pipeline))
        stages = list(pipeline.stages.active().in_order())
        return super().get_context(
            stages=[(stage, sum(stat.count for stat in stats.get(stage.pk, ()))) for stage in stages],
            may_change=self.policy.allows(self.membership, "edit", pipeline),
            **context,
        )


class PipelineEdit(EditPage):
    model = Pipeline
    form = PipelineForm

    def get_queryset(self):
        return self.tenant.pipelines.active()

    def save(self, form):
        return save_pipeline(pipeline=form.instance)


class PipelineDelete(DeletePage):
    model = Pipeline

    def get_queryset(self):
        return self.tenant.pipelines.active()

    def goes_along(self):
        # Deals are never among it: with deals it is refused.
        return []

    def delete(self, obj):
        remove_pipeline(pipeline=obj)


class _Shift(ObjectPage):
    """One POST: the row changes places with its neighbour. At the end nothing happens."""

    permission = "edit"
    http_method_names = ["post"]
    by = 0

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        one = cast(Any, self.object)
        try:
            with transaction.atomic():
                shift(one=one, by=self.by)
        except NothingToDo:
            pass
        return redirect(self.back_to(one))

    def back_to(self, one: Any) -> str:
        return self.url("list")


class PipelineUp(_Shift):
    model = Pipeline
    by = -1

    def back_to(self, one):
        return one.get_absolute_url()


class PipelineDown(PipelineUp):
    by = 1


class StageDetail(ObjectPage):
    """Leads to the pipeline, on whose page the stage stands."""

    model = Stage

    def get_queryset(self):
        return self.tenant.stages.select_related("pipeline")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pipeline = cast(Stage, self.object).pipeline
        return redirect(pipeline.get_absolute_url() if pipeline.is_active else PipelineList.url("list"))


class _StagePage:
    """Stages have no list and no page of their own: they stand on their pipeline's."""

    def get_success_url(self, obj: Any = None) -> str:
        stage = obj or cast(Any, self).object
        return stage.pipeline.get_absolute_url() if stage.pipeline_id else PipelineList.url("list")

    def get_crumbs(self) -> list[Crumb]:
        pages = [Crumb(str(Pipeline._meta.verbose_name_plural).capitalize(), PipelineList.url("list"))]
        stage = cast(Any, self).object
        if stage.pipeline_id:
            pages.append(Crumb(str(stage.pipeline), stage.pipeline.get_absolute_url()))
        return [*pages, Crumb(str(stage) or str(_("New")))]


class StageEdit(_StagePage, EditPage):
    model = Stage
    form = StageForm

    def get_queryset(self):
        return self.tenant.stages.active().select_related("pipeline")

    def save(self, form):
        return save_stage(stage=form.instance)

    @property
    def back_url(self):
        return self.get_success_url(self.object)


class StageDelete(_StagePage, ActionPage):
    """Take a stage out of its pipeline; its deals go to another one of the same kind, many of them by a job."""

    model = Stage
    form = StageRemoveForm
    permission = "delete"
    template_name = "sales/stage_delete.html"
    label = _("Delete")
    is_dangerous = True

    def get_queryset(self):
        return self.tenant.stages.active().select_related("pipeline")

    def get_title(self):
        return _("Delete the stage “%(name)s”?") % {"name": self.object}

    @cached_property
    def deal_count(self):
        return capped_count(Deal.objects.filter(stage=cast(Stage, self.object)))

    @cached_property
    def bound_form(self):
        data = self.request.POST if self.request.method == "POST" else None
        form = StageRemoveForm(data, membership=self.membership)
        return form.about(cast(Stage, self.object), has_deals=bool(self.deal_count.number))

    def act(self, obj, data):
        into, pipeline = data.get("into"), obj.pipeline
        retire_stage(stage=obj)
        if self.deal_count.number > AT_ONCE:
            job = start_job(
                "sales.empty_stage",
                tenant=self.tenant,
                user=self.request.user,
                params={"stage": obj.pk, "into": into.pk},
            )
            return job.get_absolute_url()
        while empty_stage(stage=obj, into=into, user=self.request.user):
            pass
        return pipeline


class StageUp(_Shift):
    model = Stage
    by = -1

    def get_queryset(self):
        return self.tenant.stages.active().select_related("pipeline")

    def back_to(self, one):
        return one.pipeline.get_absolute_url()


class StageDown(StageUp):
    by = 1


class LostReasonList(ListPage):
    model = LostReason
    kind = "lost_reasons"
    table = LostReasonTable
    empty = Empty(_("No lost reasons yet"), _("Why deals are lost: price, competitor, no budget."), icon="mood-sad")

    def get_queryset(self):
        return self.tenant.lost_reasons.all()


class LostReasonDetail(DetailPage):
    model = LostReason
    table = LostReasonTable
    template_name = "sales/lost_reason_detail.html"
    sections = (("", ["name", "is_active"]),)

    def get_queryset(self):
        return self.tenant.lost_reasons.all()

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(may_change=self.policy.allows(self.membership, "edit", self.object), **context)


class LostReasonEdit(EditPage):
    model = LostReason
    form = LostReasonForm

    def save(self, form):
        return save_lost_reason(reason=form.instance)


class LostReasonDelete(DeletePage):
    model = LostReason

    def delete(self, obj):
        remove_lost_reason(reason=obj)


class LostReasonUp(_Shift):
    model = LostReason
    by = -1


class LostReasonDown(LostReasonUp):
    by = 1
