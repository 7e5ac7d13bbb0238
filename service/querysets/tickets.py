from __future__ import annotations

from datetime import datetime

from crm.accounts.models import User
from crm.tenancy.base import TenantQuerySet

from ..choices.tickets import TicketStatus


class TicketQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("customer", "queue", "assignee")

    def unsolved(self):
        """Said as the partial indexes say it."""
        return self.filter(status__lt=TicketStatus.SOLVED)

    def of(self, person: User):
        return self.unsolved().filter(assignee=person)

    def unassigned(self):
        return self.unsolved().filter(assignee__isnull=True)

    def overdue(self, at: datetime):
        """Only what is running has a due time."""
        return self.unsolved().filter(due_at__lt=at)

    def by_due(self):
        return self.order_by("due_at", "id")
