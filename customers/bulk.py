from django.utils.translation import gettext_lazy as _

from crm.pages.assigning import AssignRows
from crm.pages.bulk import BulkAction
from crm.pages.consequences import goes_along

from .choices import CustomerStage
from .forms import AssignForm, StageForm, TagChoiceForm
from .models import Customer
from .operations import assign_customers, delete_customers, move_customers, tag_customers


class CustomersAssign(AssignRows):
    form = AssignForm

    def assign(self, rows, owner):
        return assign_customers(customers=rows, owner=owner)


class CustomersMove(BulkAction):
    verb, label, icon = "move", _("Change stage"), "arrow-right-circle"
    form = StageForm

    def act(self, rows, data):
        return move_customers(customers=rows, stage=CustomerStage(data["stage"]))


class CustomersTag(BulkAction):
    verb, label, icon = "tag", _("Add tag"), "tag"
    permission = "tag"
    form = TagChoiceForm

    def act(self, rows, data):
        return tag_customers(customers=rows, tag=data["tag"])


class CustomersDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("Contacts and follow-ups are deleted with their customers. This cannot be undone.")

    def goes_along(self, ids):
        return goes_along(Customer, ids)

    def act(self, rows, data):
        return delete_customers(customers=rows)
