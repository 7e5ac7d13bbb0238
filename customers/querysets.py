from __future__ import annotations

from datetime import date

from django.db.models import F, Q

from crm.tenancy.base import TenantQuerySet

from .choices import ActivityKind


class CustomerQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("owner")

    def to_contact(self, on: date):
        """Customers whose next contact is due on that day or overdue, the longest overdue first."""
        return self.filter(next_contact_on__lte=on).order_by("next_contact_on", "id")


class ContactQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("customer")


class ActivityQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("customer", "author")

    def timeline(self):
        return self.select_related("author", "contact").order_by(F("at").desc(), F("id").desc())

    def open_tasks(self):
        return self.filter(kind=ActivityKind.TASK, done_at__isnull=True)

    def due(self, on: date):
        return self.open_tasks().filter(Q(due_on__lte=on)).order_by("due_on", "id")
