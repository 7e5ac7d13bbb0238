from crm.access.policy import Policy, TenantWidePolicy
from crm.access.roles import Role, Scope

from ..models import Quote, QuoteSettings

SELLING = {Role.ADMIN, Role.SALES_MANAGER, Role.SALES}
LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class QuotePolicy(Policy):
    kind = "quotes"
    model = Quote
    grants = {
        "view": SELLING | {Role.SUPPORT_LEAD, Role.SUPPORT, Role.ANALYST, Role.READER},
        "create": SELLING,
        # A draft; what was sent nobody may change.
        "edit": SELLING,
        # Also to write down the answer, and to begin the next version.
        "send": SELLING,
        # Drafts only, whoever asks.
        "delete": SELLING,
        "assign": LEADING,
        "export": LEADING | {Role.ANALYST},
    }
    scopes = {
        Role.ADMIN: Scope.ALL,
        Role.SALES_MANAGER: Scope.TEAM,
        Role.SALES: Scope.OWN,
        Role.SUPPORT_LEAD: Scope.ALL,
        Role.SUPPORT: Scope.ALL,
        Role.ANALYST: Scope.ALL,
        Role.READER: Scope.ALL,
    }


class QuoteSettingsPolicy(TenantWidePolicy):
    kind = "quote_settings"
    model = QuoteSettings
    grants = {"view": SELLING, "edit": LEADING}


POLICIES = (QuotePolicy, QuoteSettingsPolicy)
