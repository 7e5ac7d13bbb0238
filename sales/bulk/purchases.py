from django.utils.translation import gettext_lazy as _

from crm.pages.bulk import BulkAction

from ..operations.purchases import delete_transactions


class TransactionsDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("Their revenue goes too. This cannot be undone.")

    def act(self, rows, data):
        return delete_transactions(transactions=rows)
