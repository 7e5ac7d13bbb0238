"""The map of the app: one module per subject. Addresses begin with `analytics/`."""

from django.urls import URLPattern, URLResolver

from . import dashboard, reports, rfm

app_name = "analytics"
urlpatterns: list[URLPattern | URLResolver] = [
    *dashboard.urlpatterns,
    *rfm.urlpatterns,
    *reports.urlpatterns,
]
