from django.utils.translation import gettext_lazy as _

from crm.pages.views import ListPage
from crm.pages.views.list import Empty

from .. import filters, tables
from ..models import Send


class RecipientList(ListPage):
    """The ledger: who was sent which mail, and what became of it."""

    model = Send
    kind = "recipients"
    url_stem = "recipient"
    table = tables.SendTable
    filterset = filters.SendFilter
    empty = Empty(
        _("Nobody was written to yet"),
        _("Once a campaign goes out, each customer who gets it stands here with what became of the mail."),
        icon="mail",
    )

    def get_queryset(self):
        return self.tenant.sends.select_related("customer")
