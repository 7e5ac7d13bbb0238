"""The map of the app: one module per subject. Addresses begin with `sales/`, or with `settings/`."""

from django.urls import URLPattern, URLResolver

from . import deals, leads, pipelines, products, purchases, quotes

app_name = "sales"
urlpatterns: list[URLPattern | URLResolver] = [
    *leads.urlpatterns,
    *deals.urlpatterns,
    *pipelines.urlpatterns,
    *products.urlpatterns,
    *quotes.urlpatterns,
    *purchases.urlpatterns,
]
