from __future__ import annotations

from crm.tenancy.base import TenantQuerySet


class ProductQuerySet(TenantQuerySet):
    def on_sale(self):
        return self.filter(is_active=True)
