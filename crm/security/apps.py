from django.apps import AppConfig


class SecurityConfig(AppConfig):
    name = "crm.security"
    label = "security"

    def ready(self):
        from . import checks  # noqa: F401  # registers by being imported
