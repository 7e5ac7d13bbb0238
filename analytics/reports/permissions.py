from crm.access.policy import Policy
from crm.access.roles import Role, Scope

from ..models import Schedule

# Those who answer for others, and those who look at figures for them.
SCHEDULING = {Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD, Role.MARKETER, Role.ANALYST}


class SchedulePolicy(Policy):
    """Whoever set it up decides about it, and administrators. What a recipient gets, the report's own policies say."""

    kind = "schedules"
    model = Schedule
    grants = {"view": SCHEDULING, "create": SCHEDULING, "edit": SCHEDULING, "delete": SCHEDULING, "run": SCHEDULING}
    scopes = dict.fromkeys(SCHEDULING, Scope.OWN) | {Role.ADMIN: Scope.ALL}
