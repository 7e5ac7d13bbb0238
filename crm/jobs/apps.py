from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "crm.jobs"
    label = "jobs"
    verbose_name = _("Jobs")

    def ready(self):
        from crm.access.policy import register

        from .permissions import JobPolicy

        register(JobPolicy())
