"""What lives below /e/<token>/: signed links out of mails. Views have `request.token` and `request.tenant`."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("marketing.link_urls")),
    path("", include("service.link_urls")),
]

handler400 = "crm.public.views.bad_request"
handler403 = "crm.public.views.forbidden"
handler404 = "crm.public.views.not_found"
handler500 = "crm.pages.views.errors.server_error"
