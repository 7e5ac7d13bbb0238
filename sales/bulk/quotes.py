from django.utils.translation import gettext_lazy as _

from crm.pages.bulk import BulkAction

from ..forms.quotes import QuoteAssignForm
from ..operations.quotes import assign_quotes


class QuotesAssign(BulkAction):
    verb, label, icon = "assign", _("Change owner"), "user-share"
    permission = "assign"
    form = QuoteAssignForm

    def act(self, rows, data):
        return assign_quotes(quotes=rows, owner=data["owner"])
