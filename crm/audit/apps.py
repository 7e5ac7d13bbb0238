from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "crm.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self):
        from crm.access.policy import register

        from . import sign_in
        from .permissions import AuditPolicy

        register(AuditPolicy())
        sign_in.connect()
