from __future__ import annotations

from crm.errors import NoPipeline
from crm.tenancy.base import TenantQuerySet

from ..choices.pipelines import DealStatus


class OrderedQuerySet(TenantQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def in_order(self):
        return self.order_by("position", "id")


class StageQuerySet(OrderedQuerySet):
    def in_use(self):
        """Stages of pipelines in use, pipeline by pipeline in the order of their boards."""
        return (
            self.active()
            .filter(pipeline__is_active=True)
            .order_by("pipeline__position", "pipeline_id", "position", "id")
        )

    def open(self):
        return self.filter(kind=DealStatus.OPEN)

    def first_open(self):
        """Where a new deal begins. Raises NoPipeline."""
        stage = self.in_use().open().select_related("pipeline").first()
        if stage is None:
            raise NoPipeline
        return stage

    def closing(self, pipeline_id: int, status: DealStatus):
        """The stage of a pipeline for deals that are won, or lost. Raises NoPipeline."""
        stage = self.active().filter(pipeline_id=pipeline_id, kind=status).order_by("position", "id").first()
        if stage is None:
            raise NoPipeline
        return stage
