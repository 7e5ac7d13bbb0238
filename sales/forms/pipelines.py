from __future__ import annotations

from itertools import groupby
from typing import cast

from django import forms
from django.db.models import Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from crm.pages.forms import TenantForm, TenantModelForm

from ..models import LostReason, Pipeline, Stage
from ..querysets.pipelines import StageQuerySet


class _ByPipeline(ModelChoiceIterator):
    def __iter__(self):
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        groups = [(pipeline, list(some)) for pipeline, some in groupby(self.queryset, lambda stage: stage.pipeline)]
        for pipeline, stages in groups:
            choices = [self.choice(stage) for stage in stages]
            if len(groups) == 1:
                yield from choices
            else:
                yield pipeline.name, choices


class StageField(forms.ModelChoiceField):
    """A stage, by pipeline when there are several. `offer` says which; a form's `about` calls it."""

    iterator = _ByPipeline

    def __init__(self, **options):
        super().__init__(**{"label": _("Stage"), "queryset": QuerySet(Stage).none(), "empty_label": None} | options)

    def offer(self, stages: QuerySet[Stage]) -> None:
        self.queryset = stages.select_related("pipeline").order_by(
            "pipeline__position", "pipeline_id", "position", "id"
        )


def stages_in_use() -> StageQuerySet:
    return cast(StageQuerySet, Stage.objects.in_use())


class LostReasonField(forms.ModelChoiceField):
    """Why a deal was lost, out of the reasons in use."""

    def __init__(self, **options):
        super().__init__(**{"label": _("Lost reason"), "queryset": QuerySet(LostReason).none()} | options)

    def offer(self, present: int | None = None) -> None:
        self.queryset = LostReason.objects.filter(Q(is_active=True) | Q(pk=present)).order_by("position", "id")


class _NamedOnceForm(TenantModelForm):
    """A name that is taken by what is in use, and free again when that is retired: no field of the form says which."""

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() - {"is_active", "pipeline"}  # type: ignore[misc]  # not in the stubs


class PipelineForm(_NamedOnceForm):
    class Meta:
        model = Pipeline
        fields = ["name"]


class StageForm(_NamedOnceForm):
    pipeline: forms.ModelChoiceField[Pipeline] = forms.ModelChoiceField(
        label=_("Pipeline"), queryset=QuerySet(Pipeline).none(), empty_label=None
    )

    class Meta:
        model = Stage
        fields = ["pipeline", "name", "kind", "probability_percent"]
        help_texts = {"probability_percent": _("How likely a deal in this stage is to be won. For the forecast.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # A stage stays where its deals are.
            del self.fields["pipeline"]
        else:
            pipelines = cast("forms.ModelChoiceField[Pipeline]", self.fields["pipeline"])
            pipelines.queryset = Pipeline.objects.active().in_order()


class StageRemoveForm(TenantForm):
    into = StageField(label=_("Move its deals to"))

    def about(self, stage: Stage, *, has_deals: bool) -> StageRemoveForm:
        into = cast(StageField, self.fields["into"])
        if has_deals:
            into.offer(stages_in_use().filter(kind=stage.kind).exclude(pk=stage.pk))
        else:
            del self.fields["into"]
        return self


class LostReasonForm(TenantModelForm):
    class Meta:
        model = LostReason
        fields = ["name", "is_active"]
