from __future__ import annotations

from crm.tenancy.base import TenantQuerySet

from ..choices.pipelines import DealStatus


class OrderedQuerySet(TenantQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def in_order(self):
        return self.order_by("position", "id")


class StageQuerySet(OrderedQuerySet):
    def open(self):
        return self.active().filter(kind=DealStatus.OPEN)
