from crm.access.policy import FollowsPolicy, Policy, TenantWidePolicy
from crm.access.roles import Role, Scope

from .models import Activity, Contact, Customer, Tag

SELLING = {Role.ADMIN, Role.SALES_MANAGER, Role.SALES}
SERVING = {Role.SUPPORT_LEAD, Role.SUPPORT}
LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class CustomerPolicy(Policy):
    kind = "customers"
    model = Customer
    grants = {
        "view": Role,
        "create": SELLING | {Role.MARKETER},
        "edit": SELLING,
        "delete": LEADING,
        "follow_up": SELLING | SERVING,
        "tag": SELLING | {Role.MARKETER},
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


class ContactPolicy(FollowsPolicy):
    kind = "contacts"
    model = Contact
    follows = "customer"
    grants = {
        "view": Role,
        "create": SELLING | SERVING,
        "edit": SELLING | SERVING,
        "delete": LEADING,
        "import": LEADING | {Role.MARKETER},
        "export": LEADING | {Role.ANALYST, Role.MARKETER},
    }


class ActivityPolicy(FollowsPolicy):
    kind = "activities"
    model = Activity
    follows = "customer"
    grants = {
        "view": Role,
        "create": SELLING | SERVING,
        "edit": SELLING | SERVING,
        "delete": LEADING,
        "complete": SELLING | SERVING,
        "import": LEADING,
        "export": LEADING | {Role.ANALYST},
    }


class TagPolicy(TenantWidePolicy):
    kind = "tags"
    model = Tag
    grants = {
        "view": Role,
        "create": SELLING | {Role.MARKETER},
        "edit": LEADING | {Role.MARKETER},
        "delete": LEADING,
        "export": LEADING | {Role.ANALYST, Role.MARKETER},
    }
