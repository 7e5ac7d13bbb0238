from crm.access.policy import PersonalPolicy
from crm.access.roles import Role
from crm.tenancy.models import Membership

from .models import Import
from .registry import ImportKind, import_kinds

IMPORTING = {Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD, Role.MARKETER}


class ImportPolicy(PersonalPolicy):
    """An import is seen and undone by the person who made it, and by administrators.

    Which kinds a person may import is for the policy of the kind to say.
    """

    kind = "imports"
    model = Import
    grants = {"view": IMPORTING, "create": IMPORTING, "edit": IMPORTING, "delete": IMPORTING, "undo": IMPORTING}


def kinds_for(membership: Membership) -> list[ImportKind]:
    return [kind for kind in import_kinds.values() if kind.may_import(membership)]
