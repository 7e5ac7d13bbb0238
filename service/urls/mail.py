from django.urls import URLPattern, URLResolver, include, path

from crm.pages.views import page_urls

from ..views import mail as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("attachments/<int:pk>/", views.AttachmentDownload.as_view(), name="ticketattachment_download"),
    path("messages/<int:pk>/original/", views.TicketMessageOriginal.as_view(), name="ticketmessage_original"),
    path("mail/<int:pk>/original/", views.InboundMailOriginal.as_view(), name="inboundmail_original"),
    path(
        "mail/",
        include(
            page_urls(
                "inboundmail",
                list=views.InboundMailList,
                detail=views.InboundMailDetail,
                actions={"release": views.InboundMailRelease, "discard": views.InboundMailDiscard},
            )
        ),
    ),
    path(
        "mailboxes/",
        include(
            page_urls(
                "mailbox",
                list=views.MailboxList,
                detail=views.MailboxDetail,
                edit=views.MailboxEdit,
                delete=views.MailboxDelete,
                actions={"fetch": views.MailboxFetch},
            )
        ),
    ),
    path("settings/portal/", views.PortalSettingsEdit.as_view(), name="portal_settings"),
]
