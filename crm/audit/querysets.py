from __future__ import annotations

from django.db.models import Model

from crm.tenancy.base import TenantQuerySet


class AuditEntryQuerySet(TenantQuerySet):
    def for_list(self):
        return self.select_related("actor").defer("digest").newest_first()

    def newest_first(self):
        return self.order_by("-at", "-id")

    def about(self, obj: Model):
        return self.filter(kind=obj._meta.label_lower, object_id=obj.pk)
