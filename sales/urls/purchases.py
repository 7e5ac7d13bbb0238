from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import purchases as views

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "sales/transactions/",
        include(
            page_urls(
                "transaction",
                list=views.TransactionList,
                detail=views.TransactionDetail,
                edit=views.TransactionEdit,
                delete=views.TransactionDelete,
            )
        ),
    ),
]
