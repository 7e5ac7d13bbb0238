from crm.access.policy import Policy
from crm.access.roles import Role, Scope

from ..models import Lead

SELLING = {Role.ADMIN, Role.SALES_MANAGER, Role.SALES}
LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class LeadPolicy(Policy):
    kind = "leads"
    model = Lead
    grants = {
        "view": Role,
        "create": SELLING | {Role.MARKETER},
        # Discarding a lead, and taking that back, are edits.
        "edit": SELLING | {Role.MARKETER},
        "convert": SELLING,
        "delete": LEADING,
        "assign": LEADING,
        "import": LEADING | {Role.MARKETER},
        "export": LEADING | {Role.ANALYST, Role.MARKETER},
    }
    scopes = {
        Role.ADMIN: Scope.ALL,
        Role.SALES_MANAGER: Scope.TEAM,
        Role.SALES: Scope.OWN,
        Role.SUPPORT_LEAD: Scope.ALL,
        Role.SUPPORT: Scope.ALL,
        Role.MARKETER: Scope.ALL,
        Role.ANALYST: Scope.ALL,
        Role.READER: Scope.ALL,
    }


POLICIES = (LeadPolicy,)
