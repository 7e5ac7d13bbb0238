"""Giving records to another owner, one by its page and many by a bulk action, for every kind with a field `owner`.

class CustomerAssign(AssignPage):
    model = Customer
    done = _("The customer has changed hands.")

    def assign(self, rows, owner):
        assign_customers(customers=rows, owner=owner)
"""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.access.policy import visible
from crm.accounts.models import User

from .bulk import BulkAction
from .forms import MemberField, TenantForm
from .views import ActionPage


class OwnerForm(TenantForm):
    """A kind for which nobody as the owner means something names a form of its own."""

    owner = MemberField(label=_("New owner"), queryset=QuerySet(User).none(), required=False, empty_label=_("Nobody"))


class AssignPage(ActionPage):
    """Whoever does not see the record any more once it is given away goes back to the list."""

    form: ClassVar[type[TenantForm]] = OwnerForm
    permission = "assign"
    label = _("Change owner")

    def assign(self, rows: QuerySet[Any], owner: User | None) -> None:
        raise NotImplementedError

    def get_initial(self):
        return {"owner": cast(Any, self.object).owner_id}

    def act(self, obj: Model, data):
        self.assign(self.model._default_manager.filter(pk=obj.pk), data["owner"])
        return obj if visible(self.membership, self.model).filter(pk=obj.pk).exists() else self.url("list")


class AssignRows(BulkAction):
    verb, label, icon = "assign", _("Change owner"), "user-share"
    permission = "assign"
    form: ClassVar[type[TenantForm]] = OwnerForm

    def assign(self, rows: QuerySet[Any], owner: User | None) -> int:
        raise NotImplementedError

    def act(self, rows, data):
        return self.assign(rows, data["owner"])
