from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from crm.pages.views import page_urls

from ..views import products as views

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "sales/products/",
        include(
            page_urls(
                "product",
                list=views.ProductList,
                detail=views.ProductDetail,
                edit=views.ProductEdit,
                delete=views.ProductDelete,
                actions={"on_sale": views.ProductOnSale, "off_sale": views.ProductOffSale},
            )
        ),
    ),
    # How people type them.
    path("products/", RedirectView.as_view(pattern_name="sales:product_list", query_string=True)),
]
