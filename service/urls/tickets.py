from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import ticket_actions as actions
from ..views import tickets as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("tickets/next/", actions.TicketNext.as_view(), name="ticket_next"),
    path("tickets/previous/", actions.TicketPrevious.as_view(), name="ticket_previous"),
    path(
        "tickets/",
        include(
            page_urls(
                "ticket",
                list=views.TicketList,
                create=views.TicketCreate,
                detail=views.TicketDetail,
                edit=views.TicketEdit,
                delete=views.TicketDelete,
                actions={
                    "reply": actions.TicketReply,
                    "note": actions.TicketNote,
                    "take": actions.TicketTake,
                    "assign": actions.TicketAssign,
                    "status": actions.TicketSetStatus,
                    "priority": actions.TicketSetPriority,
                    "queue": actions.TicketSetQueue,
                },
            )
        ),
    ),
]
