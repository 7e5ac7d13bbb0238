from crm.access.policy import Policy
from crm.access.roles import Role, Scope

from .models import StoredFile


class FilePolicy(Policy):
    """A file is seen by the person it was made for, and by administrators."""

    kind = "files"
    model = StoredFile
    grants = {"view": Role}
    scopes = dict.fromkeys(Role, Scope.OWN) | {Role.ADMIN: Scope.ALL}
    owner_field = "user"
