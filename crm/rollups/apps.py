from django.apps import AppConfig


class RollupsConfig(AppConfig):
    """Only for its tasks."""

    name = "crm.rollups"
    label = "rollups"
