"""Who may see what of analytics. `POLICIES` is what the app registers."""

from __future__ import annotations

from crm.access.policy import FollowsPolicy, Policy
from crm.access.roles import Role
from crm.tenancy.models import Membership

from .models import CustomerRfm
from .reports.permissions import SchedulePolicy

# Those who answer for others' work, and those who look at figures for them.
LOOKING_OVER = (Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD, Role.ANALYST)


def may_see_dashboard(membership: Membership) -> bool:
    """The page itself. What stands on it follows the policies of the records that are counted."""
    return membership.has_role(*LOOKING_OVER)


class CustomerRfmPolicy(FollowsPolicy):
    """The analysis of a customer is seen with the customer."""

    kind = "customer_analysis"
    model = CustomerRfm
    follows = "customer"
    grants = {
        "view": Role,
        "compute": {Role.ADMIN, Role.SALES_MANAGER, Role.ANALYST, Role.MARKETER},
        "export": {Role.ADMIN, Role.SALES_MANAGER, Role.ANALYST, Role.MARKETER},
    }


POLICIES: tuple[type[Policy], ...] = (CustomerRfmPolicy, SchedulePolicy)
