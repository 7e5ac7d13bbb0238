"""Below /e/<token>/."""

from django.urls import path

from . import public_pages

app_name = "portal_links"
urlpatterns = [
    path("ticket/", public_pages.TicketStatus.as_view(), name="ticket"),
    path("ticket/files/<int:pk>/", public_pages.TicketFile.as_view(), name="ticket_file"),
]
