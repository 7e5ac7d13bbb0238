from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = _("Analytics")

    def ready(self):
        from crm.access.policy import register
        from crm.imports.signals import import_finished

        from . import permissions
        from .operations import rfm

        for policy in permissions.POLICIES:
            register(policy())

        import_finished.connect(rfm.purchases_imported)
