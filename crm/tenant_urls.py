"""What lives below /t/<slug>/. Views here have `request.tenant` and `request.membership`."""

from django.urls import URLPattern, URLResolver, include, path

from crm.console.sites import tenant_site
from crm.pages.views import HomePage

urlpatterns: list[URLPattern | URLResolver] = [
    path("", HomePage.as_view(), name="home"),
    path("", include("crm.pages.urls")),
    path("", include("crm.search.urls")),
    path("", include("crm.files.urls")),
    path("", include("crm.jobs.urls")),
    path("", include("crm.imports.urls")),
    path("", include("crm.exports.urls")),
    path("audit/", include("crm.audit.urls")),
    path("admin/", tenant_site.urls),
    path("settings/", include("crm.accounts.settings_urls")),
    path("", include("customers.urls")),
    path("", include("sales.urls")),
    path("service/", include("service.urls")),
    path("marketing/", include("marketing.urls")),
    path("analytics/", include("analytics.urls")),
]

handler400 = "crm.pages.views.errors.bad_request"
handler403 = "crm.pages.views.errors.permission_denied"
handler404 = "crm.pages.views.errors.page_not_found"
handler500 = "crm.pages.views.errors.server_error"
