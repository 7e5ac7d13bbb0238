from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceConfig(AppConfig):
    name = "service"
    verbose_name = _("Service")

    def ready(self):
        from crm.access.policy import register

        from . import models, permissions  # noqa: F401  # models: registers their signals

        for policy in permissions.POLICIES:
            register(policy())
