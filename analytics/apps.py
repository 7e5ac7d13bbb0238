from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self):
        from crm.access.policy import register

        from . import permissions

        for policy in permissions.POLICIES:
            register(policy())
