from crm.tenancy.base import TenantQuerySet


class QueueQuerySet(TenantQuerySet):
    def with_rules(self):
        """With calendar and policy, which every deadline asks for."""
        return self.select_related("calendar", "policy")
