from django.urls import path

from . import views

app_name = "mail"
urlpatterns = [
    path("", views.mailbox_list, name="mailbox_list"),
    path("<str:key>/", views.mailbox_detail, name="mailbox_detail"),
    path("<str:key>/mail/", views.mailbox_mail, name="mailbox_mail"),
]
