from crm.access.policy import PersonalPolicy
from crm.access.roles import Role

from .models import StoredFile


class FilePolicy(PersonalPolicy):
    """A file is seen by the person it was made for, and by administrators."""

    kind = "files"
    model = StoredFile
    grants = {"view": Role}
