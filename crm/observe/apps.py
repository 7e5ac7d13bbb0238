from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObserveConfig(AppConfig):
    name = "crm.observe"
    label = "observe"
    verbose_name = _("Logs and metrics")

    def ready(self):
        from . import middleware, work

        middleware.connect()
        work.connect()
