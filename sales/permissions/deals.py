from crm.access.policy import Policy
from crm.access.roles import Role, Scope

from ..models import Deal

SELLING = {Role.ADMIN, Role.SALES_MANAGER, Role.SALES}
LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class DealPolicy(Policy):
    kind = "deals"
    model = Deal
    grants = {
        "view": Role,
        "create": SELLING,
        # Moving, winning, losing and reopening are edits.
        "edit": SELLING,
        "delete": LEADING,
        "assign": LEADING,
        "import": LEADING,
        "export": LEADING | {Role.ANALYST},
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


POLICIES = (DealPolicy,)
