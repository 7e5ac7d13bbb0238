from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    name = "crm.files"
    label = "files"
    verbose_name = _("Files")

    def ready(self):
        from crm.access.policy import register

        from .permissions import FilePolicy

        register(FilePolicy())
