from crm.access.policy import FollowsPolicy, TenantWidePolicy
from crm.access.roles import Role

from ..models import RevenueDay, Transaction

SELLING = {Role.ADMIN, Role.SALES_MANAGER, Role.SALES}
LEADING = {Role.ADMIN, Role.SALES_MANAGER}


class TransactionPolicy(FollowsPolicy):
    """Seen with their customer; those without one by whoever sees all customers."""

    kind = "transactions"
    model = Transaction
    follows = "customer"
    grants = {
        "view": Role,
        "create": SELLING,
        "edit": SELLING,
        "delete": LEADING,
        "import": LEADING,
        "export": LEADING | {Role.ANALYST, Role.MARKETER},
    }


class RevenuePolicy(TenantWidePolicy):
    """The whole tenant's revenue is for those who answer for it."""

    kind = "revenue"
    model = RevenueDay
    grants = {"view": LEADING | {Role.ANALYST}}


POLICIES = (TransactionPolicy, RevenuePolicy)
