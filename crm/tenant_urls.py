"""What lives below /t/<slug>/. Views here have `request.tenant` and `request.membership`."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("customers.urls")),
]
