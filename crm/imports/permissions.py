from crm.access.policy import Policy
from crm.access.roles import Role, Scope
from crm.tenancy.models import Membership

from .models import Import
from .registry import ImportKind, import_kinds

IMPORTING = {Role.ADMIN, Role.SALES_MANAGER, Role.SUPPORT_LEAD, Role.MARKETER}


class ImportPolicy(Policy):
    """An import is seen and undone by the person who made it, and by administrators.

    Which kinds a person may import is for the policy of the kind to say.
    """

    kind = "imports"
    model = Import
    grants = {"view": IMPORTING, "create": IMPORTING, "edit": IMPORTING, "delete": IMPORTING, "undo": IMPORTING}
    scopes = dict.fromkeys(IMPORTING, Scope.OWN) | {Role.ADMIN: Scope.ALL}
    owner_field = "user"


def kinds_for(membership: Membership) -> list[ImportKind]:
    return [kind for kind in import_kinds.values() if kind.may_import(membership)]
