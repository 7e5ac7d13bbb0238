"""The map of the app: one module per subject. Addresses begin with `analytics/`."""

from django.urls import URLPattern, URLResolver

app_name = "analytics"
urlpatterns: list[URLPattern | URLResolver] = []
