"""The platform: what lives outside any tenant. Tenants are mounted by crm.tenancy.middleware."""

from django.urls import URLPattern, URLResolver, include, path

from crm.console.sites import operator_site
from crm.health.views import healthz, readyz
from crm.observe.views import metrics
from crm.pages.views import preferences

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("admin/", operator_site.urls),
    path("", include("crm.accounts.urls")),
    path("mailbox/", include("crm.mail.urls")),
    path("preferences/", preferences.set_preferences, name="preferences"),
]

handler400 = "crm.pages.views.errors.bad_request"
handler403 = "crm.pages.views.errors.permission_denied"
handler404 = "crm.pages.views.errors.page_not_found"
handler500 = "crm.pages.views.errors.server_error"
