from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import rfm as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("customers/", include(page_urls("customerrfm", list=views.CustomerAnalysis))),
    path("customers/compute/", views.RfmCompute.as_view(), name="rfm_compute"),
]
