from __future__ import annotations

from datetime import date

from crm.tenancy.base import TenantQuerySet

from ..choices.quotes import QuoteStatus


class QuoteQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("customer", "owner")

    def waiting(self):
        """Sent and within their time, what ends first before the others."""
        return self.filter(status=QuoteStatus.SENT).order_by("expires_on", "id")

    def overdue(self, today: date):
        return self.filter(status=QuoteStatus.SENT, expires_on__lt=today)

    def newest_first(self):
        return self.order_by("-issued_on", "-id")
