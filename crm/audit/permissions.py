from crm.access.policy import TenantWidePolicy
from crm.access.roles import Role

from .models import AuditEntry


class AuditPolicy(TenantWidePolicy):
    kind = "audit"
    model = AuditEntry
    grants = {"view": {Role.ADMIN}, "export": {Role.ADMIN}}
