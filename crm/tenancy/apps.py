from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TenancyConfig(AppConfig):
    name = "crm.tenancy"
    label = "tenancy"
    verbose_name = _("Tenants")

    def ready(self):
        from . import checks, lookups  # noqa: F401  # registers by being imported
