from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import settings as views

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "queues/",
        include(
            page_urls(
                "queue",
                list=views.QueueList,
                detail=views.QueueDetail,
                edit=views.QueueEdit,
                delete=views.QueueDelete,
                actions={"settle": views.QueueSettle},
            )
        ),
    ),
    path(
        "calendars/",
        include(
            page_urls(
                "calendar",
                list=views.CalendarList,
                detail=views.CalendarDetail,
                edit=views.CalendarEdit,
                delete=views.CalendarDelete,
            )
        ),
    ),
    path(
        "special-days/",
        include(
            page_urls(
                "specialday",
                list=views.SpecialDayList,
                edit=views.SpecialDayEdit,
                delete=views.SpecialDayDelete,
            )
        ),
    ),
    path(
        "sla-policies/",
        include(
            page_urls(
                "policy",
                list=views.PolicyList,
                detail=views.PolicyDetail,
                edit=views.PolicyEdit,
                delete=views.PolicyDelete,
            )
        ),
    ),
]
