"""The map of the app: one module per subject."""

from django.urls import URLPattern, URLResolver

from . import mail, settings, tickets

app_name = "service"
urlpatterns: list[URLPattern | URLResolver] = [
    *tickets.urlpatterns,
    *settings.urlpatterns,
    *mail.urlpatterns,
]
