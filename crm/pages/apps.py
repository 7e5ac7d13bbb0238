from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class PagesConfig(AppConfig):
    name = "crm.pages"
    label = "pages"
    verbose_name = _("Pages")

    def ready(self):
        autodiscover_modules("navigation")
