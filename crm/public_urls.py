"""What lives below /p/<slug>/, without login. Views have `request.tenant`, and no person. docs/public.md"""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("service.public_urls")),
]

handler400 = "crm.public.views.bad_request"
handler403 = "crm.public.views.forbidden"
handler404 = "crm.public.views.not_found"
handler500 = "crm.pages.views.errors.server_error"
