"""Who may see what of analytics. `POLICIES` is what the app registers."""

from __future__ import annotations

from crm.access.policy import Policy
from crm.access.roles import Role
from crm.tenancy.models import Membership

# Those who answer for others' work, and those who look at figures for them.
LOOKING_OVER = (Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD, Role.ANALYST)


def may_see_dashboard(membership: Membership) -> bool:
    """The page itself. What stands on it follows the policies of the records that are counted."""
    return membership.has_role(*LOOKING_OVER)


POLICIES: tuple[type[Policy], ...] = ()
