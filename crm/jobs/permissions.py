from crm.access.policy import Policy
from crm.access.roles import Role, Scope

from .models import Job


class JobPolicy(Policy):
    """A job is seen and handled by the person who started it, and by administrators."""

    kind = "jobs"
    model = Job
    grants = {"view": Role, "cancel": Role, "retry": Role}
    scopes = dict.fromkeys(Role, Scope.OWN) | {Role.ADMIN: Scope.ALL}
    owner_field = "user"
