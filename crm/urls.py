"""The platform: what lives outside any tenant. Tenants are mounted by crm.tenancy.middleware."""

from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("crm.accounts.urls")),
    path("mailbox/", include("crm.mail.urls")),
    path("preferences/", preferences.set_preferences, name="preferences"),
]

handler400 = "crm.pages.views.errors.bad_request"
handler403 = "crm.pages.views.errors.permission_denied"
handler404 = "crm.pages.views.errors.page_not_found"
handler500 = "crm.pages.views.errors.server_error"
