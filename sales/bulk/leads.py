from django.utils.translation import gettext_lazy as _

from crm.pages.assigning import AssignRows
from crm.pages.bulk import BulkAction

from ..choices.leads import DiscardReason
from ..forms.leads import DiscardForm
from ..operations.leads import assign_leads, delete_leads, discard_leads


class LeadsAssign(AssignRows):
    def assign(self, rows, owner):
        return assign_leads(leads=rows, owner=owner)


class LeadsDiscard(BulkAction):
    verb, label, icon = "discard", _("Discard"), "circle-x"
    form = DiscardForm

    def act(self, rows, data):
        return discard_leads(leads=rows, reason=DiscardReason(data["reason"]))


class LeadsDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("This cannot be undone.")

    def act(self, rows, data):
        return delete_leads(leads=rows)
