"""Below /p/<slug>/."""

from django.urls import path
from django.views.generic import RedirectView

from . import public_pages

app_name = "portal"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="portal:ticket_new"), name="home"),
    path("tickets/new/", public_pages.TicketNew.as_view(), name="ticket_new"),
    path("tickets/sent/", public_pages.TicketSent.as_view(), name="ticket_sent"),
]
