from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConsoleConfig(AppConfig):
    name = "crm.console"
    label = "console"
    verbose_name = _("Administration")

    def ready(self):
        from . import operators, records
        from .sites import operator_site, tenant_site

        operators.register(operator_site)
        # After the apps' own admin.py, which Django's admin has imported: what they registered stays.
        records.register(tenant_site)
