from django.utils.translation import gettext_lazy as _

from crm.placeholders import Placeholder, register

register(
    Placeholder("sender.name", _("Name of the sender"), lambda at: at["sender"], _("Maya Bennett")),
    Placeholder("unsubscribe", _("Link to unsubscribe"), lambda at: at["unsubscribe"], is_address=True),
)
