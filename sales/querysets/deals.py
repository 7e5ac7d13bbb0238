from __future__ import annotations

from datetime import date

from crm.tenancy.base import TenantQuerySet

from ..choices.pipelines import DealStatus


class DealQuerySet(TenantQuerySet):
    def open(self):
        return self.filter(status=DealStatus.OPEN)

    def for_list(self):
        return self.select_related("customer", "stage", "owner")

    def closing(self, until: date):
        """Open deals that are expected to close by that day or should have, the longest overdue first."""
        return self.open().filter(expected_close_on__lte=until).order_by("expected_close_on", "id")
