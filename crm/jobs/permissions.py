from crm.access.policy import PersonalPolicy
from crm.access.roles import Role

from .models import Job


class JobPolicy(PersonalPolicy):
    """A job is seen and handled by the person who started it, and by administrators."""

    kind = "jobs"
    model = Job
    grants = {"view": Role, "cancel": Role, "retry": Role}
