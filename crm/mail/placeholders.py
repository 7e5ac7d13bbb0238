from django.utils.translation import gettext_lazy as _

from crm.placeholders import Placeholder, register

register(Placeholder("tenant.name", _("Name of our company"), lambda at: at["tenant"].name, _("Acme Trading")))
