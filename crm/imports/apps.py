from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "crm.imports"
    label = "imports"
    verbose_name = _("Imports")

    def ready(self):
        from crm.access.policy import register

        from .permissions import ImportPolicy

        register(ImportPolicy())
