from django.urls import include, path

from crm.pages.views import page_urls

from . import views

app_name = "customers"
urlpatterns = [
    path(
        "customers/",
        include(
            page_urls(
                "customer",
                list=views.CustomerList,
                detail=views.CustomerDetail,
                edit=views.CustomerEdit,
                delete=views.CustomerDelete,
                actions={"assign": views.CustomerAssign, "follow_up": views.CustomerFollowUp},
            )
        ),
    ),
    path(
        "contacts/",
        include(
            page_urls(
                "contact",
                list=views.ContactList,
                detail=views.ContactDetail,
                edit=views.ContactEdit,
                delete=views.ContactDelete,
            )
        ),
    ),
    path(
        "activities/",
        include(
            page_urls(
                "activity",
                list=views.ActivityList,
                detail=views.ActivityDetail,
                edit=views.ActivityEdit,
                delete=views.ActivityDelete,
                actions={"complete": views.ActivityComplete},
            )
        ),
    ),
    path(
        "tags/",
        include(
            page_urls("tag", list=views.TagList, detail=views.TagDetail, edit=views.TagEdit, delete=views.TagDelete)
        ),
    ),
]
