from __future__ import annotations

from crm.tenancy.base import TenantQuerySet

from ..choices.leads import LeadStatus

OPEN = (LeadStatus.NEW, LeadStatus.WORKING, LeadStatus.QUALIFIED)


class LeadQuerySet(TenantQuerySet):
    def open(self):
        """Leads of which it is not decided yet what becomes of them."""
        return self.filter(status__in=OPEN)
