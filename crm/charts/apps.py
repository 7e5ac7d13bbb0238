from django.apps import AppConfig


class ChartsConfig(AppConfig):
    """Only for its template tag."""

    name = "crm.charts"
    label = "charts"
