from django.utils.translation import gettext_lazy as _

from crm.pages.bulk import BulkAction

from ..choices.leads import DiscardReason
from ..forms.leads import DiscardForm, LeadAssignForm
from ..operations.leads import assign_leads, delete_leads, discard_leads


class LeadsAssign(BulkAction):
    verb, label, icon = "assign", _("Change owner"), "user-share"
    permission = "assign"
    form = LeadAssignForm

    def act(self, rows, data):
        return assign_leads(leads=rows, owner=data["owner"])


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
