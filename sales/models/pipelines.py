"""How a tenant sells: pipelines, their stages, and why deals are lost."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.fields import tenant_key

from ..choices.pipelines import DealStatus
from ..querysets.pipelines import OrderedQuerySet, StageQuerySet


class Pipeline(TenantModel):
    name = models.CharField(_("name"), max_length=80)
    # The first one is what new deals get.
    position = models.PositiveSmallIntegerField(_("place"), default=0, editable=False)
    # Taken out of use, and kept for what once went through it.
    is_active = models.BooleanField(_("in use"), default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TenantManager.from_queryset(OrderedQuerySet)()

    class Meta:
        verbose_name = _("pipeline")
        verbose_name_plural = _("pipelines")
        indexes = [models.Index(fields=["tenant", "position", "id"], name="pipeline_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="pipeline_name",
                condition=models.Q(is_active=True),
                violation_error_message=_("There is already a pipeline of this name."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("sales:pipeline_detail", args=[self.pk])


class Stage(TenantModel):
    """A step of a pipeline: a column of its board. The kind says how deals in it stand."""

    pipeline = TenantForeignKey(
        Pipeline, models.CASCADE, cascade=True, related_name="stages", verbose_name=_("pipeline")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=10, choices=DealStatus, default=DealStatus.OPEN)
    probability_percent = models.PositiveSmallIntegerField(
        _("probability in %"), default=0, validators=[MaxValueValidator(100)]
    )
    position = models.PositiveSmallIntegerField(_("place"), default=0, editable=False)
    # Taken out of use, and kept for the history of the deals that once were in it.
    is_active = models.BooleanField(_("in use"), default=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TenantManager.from_queryset(StageQuerySet)()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        indexes = [models.Index(fields=["tenant", "pipeline", "position", "id"], name="stage_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "pipeline", "name"],
                name="stage_name",
                condition=models.Q(is_active=True),
                violation_error_message=_("This pipeline already has a stage of this name."),
            ),
            models.CheckConstraint(
                name="stage_probability",
                condition=models.Q(kind=DealStatus.OPEN, probability_percent__lte=100)
                | models.Q(kind=DealStatus.WON, probability_percent=100)
                | models.Q(kind=DealStatus.LOST, probability_percent=0),
                violation_error_message=_("A deal that is won is certain, one that is lost has no chance."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self) -> bool:
        return self.kind == DealStatus.OPEN

    def get_absolute_url(self):
        return reverse("sales:stage_detail", args=[self.pk])


class LostReason(TenantModel):
    tenant = tenant_key("lost_reasons")
    name = models.CharField(_("name"), max_length=80)
    position = models.PositiveSmallIntegerField(_("place"), default=0, editable=False)
    is_active = models.BooleanField(
        _("in use"), default=True, help_text=_("Deals that were lost for it keep it; new ones do not get it.")
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = TenantManager.from_queryset(OrderedQuerySet)()

    class Meta:
        verbose_name = _("lost reason")
        verbose_name_plural = _("lost reasons")
        indexes = [models.Index(fields=["tenant", "position", "id"], name="lost_reason_order")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="lost_reason_name",
                violation_error_message=_("There is already such a reason."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("sales:lostreason_detail", args=[self.pk])
