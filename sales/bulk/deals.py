from django.utils.translation import gettext_lazy as _

from crm.pages.assigning import AssignRows
from crm.pages.bulk import BulkAction
from crm.pages.consequences import goes_along

from ..forms.deals import DealsMoveForm
from ..models import Deal
from ..operations.deals import assign_deals, delete_deals, move_deals


class DealsAssign(AssignRows):
    def assign(self, rows, owner):
        return assign_deals(deals=rows, owner=owner)


class DealsMove(BulkAction):
    verb, label, icon = "move", _("Change stage"), "arrow-right-circle"
    form = DealsMoveForm

    def act(self, rows, data):
        return move_deals(deals=rows, stage=data["stage"], user=self.user, lost_reason=data["lost_reason"])


class DealsDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("Deals are deleted with their history. This cannot be undone.")

    def goes_along(self, ids):
        return goes_along(Deal, ids)

    def act(self, rows, data):
        return delete_deals(deals=rows)
