from django.urls import include, path

from crm.pages.views import page_urls

from ..views import leads as views

urlpatterns = [
    path(
        "sales/leads/",
        include(
            page_urls(
                "lead",
                list=views.LeadList,
                detail=views.LeadDetail,
                edit=views.LeadEdit,
                delete=views.LeadDelete,
                actions={
                    "convert": views.LeadConvert,
                    "discard": views.LeadDiscard,
                    "reopen": views.LeadReopen,
                    "assign": views.LeadAssign,
                },
            )
        ),
    ),
]
