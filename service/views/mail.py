"""Mailboxes, what came in by mail, and the settings of the portal."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.errors import MailboxNotFetched
from crm.files.responses import download
from crm.jobs import start_job
from crm.pages.views import (
    ActionPage,
    DeletePage,
    DetailPage,
    EditPage,
    ListPage,
    PageAction,
    ReadyView,
    SettingsPage,
)
from crm.pages.views.base import ObjectPage
from crm.pages.views.list import Empty
from crm.public.addresses import public_url

from ..choices.mail import InboundState
from ..filters.mail import InboundMailFilter
from ..forms.mail import MailboxForm, PortalSettingsForm
from ..inbound.reading import read_mail
from ..inbound.work import FETCH
from ..models import InboundMail, Mailbox, PortalSettings, TicketAttachment, TicketMessage
from ..operations.mail import discard_mail, release_mail, save_mailbox
from ..tables.mail import InboundMailTable, MailboxTable

# Of a mail that waits for a decision: enough to decide.
_SHOWN_TEXT = 5_000


class InboundMailList(ListPage):
    model = InboundMail
    kind = "inbound_mails"
    table = InboundMailTable
    filterset = InboundMailFilter
    ready_views = (
        ReadyView(gettext_lazy("Quarantine"), f"state={InboundState.QUARANTINE}", opens=True),
        ReadyView(gettext_lazy("Set aside"), f"state={InboundState.ASIDE}"),
    )
    empty = Empty(
        gettext_lazy("No mail here"),
        gettext_lazy("Mail that came in shows here. In quarantine waits what nobody could be sure about."),
        icon="mail",
    )

    def get_queryset(self):
        return self.tenant.inbound_mails.light()


class InboundMailDetail(DetailPage):
    model = InboundMail
    table = InboundMailTable
    template_name = "service/inboundmail_detail.html"
    sections = (
        (
            "",
            [
                "state",
                "reason",
                "sender_name",
                "sender_email",
                "envelope_to",
                "mailbox",
                "ticket",
                "via",
                "size",
                "received_at",
            ],
        ),
    )
    actions = (
        PageAction("release", gettext_lazy("Make a ticket of it"), "ticket", is_primary=True),
        PageAction("discard", gettext_lazy("Discard"), "archive"),
    )

    def get_queryset(self):
        return self.tenant.inbound_mails.select_related("mailbox", "ticket_message__ticket")

    def get_context(self, **context: Any) -> dict[str, Any]:
        mail = cast(InboundMail, self.object)
        return super().get_context(**_what_it_says(mail), **context)


def _what_it_says(mail: InboundMail) -> dict[str, Any]:
    try:
        read = read_mail(bytes(mail.raw))
    except Exception:
        # It is in quarantine for just that; the original can be saved.
        return {"text": "", "files": []}
    return {"text": read.text[:_SHOWN_TEXT], "files": [file.name for file in read.files]}


class InboundMailRelease(ActionPage):
    model = InboundMail
    permission = "release"
    label = gettext_lazy("Make a ticket of it")
    question = gettext_lazy("The mail becomes a ticket, or a message of the ticket that it answers.")
    done = gettext_lazy("A ticket was made of the mail.")

    def act(self, obj, data):
        return release_mail(mail=obj).ticket


class InboundMailDiscard(ActionPage):
    model = InboundMail
    permission = "discard"
    label = gettext_lazy("Discard")
    question = gettext_lazy("No ticket is made of it. It is kept for a month, in case this was a mistake.")
    done = gettext_lazy("The mail was discarded.")

    def act(self, obj, data):
        discard_mail(mail=obj)
        return self.url("list")


class InboundMailOriginal(ObjectPage):
    """The mail as it came, to be saved. A browser never shows it."""

    model = InboundMail
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _original(cast(InboundMail, self.object))


class TicketMessageOriginal(ObjectPage):
    """The mail that a message of a ticket came with."""

    model = TicketMessage
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mail = InboundMail.objects.filter(ticket_message=cast(TicketMessage, self.object)).order_by("pk").first()
        if mail is None:
            raise Http404
        return _original(mail)


def _original(mail: InboundMail) -> HttpResponse:
    response = HttpResponse(bytes(mail.raw), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{mail.pk}.eml"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


class AttachmentDownload(ObjectPage):
    """A file of a ticket, for whoever sees the ticket."""

    model = TicketAttachment
    http_method_names = ["get", "head"]

    def get_queryset(self):
        return self.tenant.ticket_attachments.select_related("file")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        return download(cast(TicketAttachment, self.object).file)


# -- settings


class MailboxList(ListPage):
    model = Mailbox
    kind = "mailboxes"
    table = MailboxTable
    empty = Empty(
        gettext_lazy("No mailboxes yet"),
        gettext_lazy("Enter the address that customers write to: their mails become tickets, and answers come back."),
        icon="mail",
    )

    def get_queryset(self):
        return self.tenant.mailboxes.all()


class MailboxDetail(DetailPage):
    model = Mailbox
    table = MailboxTable
    sections = (
        ("", ["queue", "is_active", "is_default", "confirms", "has_plus"]),
        (
            gettext_lazy("Where the mail is fetched"),
            ["imap_host", "imap_port", "imap_security", "imap_user", "imap_folder", "fetched_at", "problem"],
        ),
    )
    actions = (PageAction("fetch", gettext_lazy("Fetch now"), "refresh"),)

    def get_queryset(self):
        return self.tenant.mailboxes.select_related("queue")

    def fact_sections(self):
        # A port says nothing without a server.
        return super().fact_sections() if cast(Mailbox, self.object).imap_host else super().fact_sections()[:1]


class MailboxEdit(EditPage):
    model = Mailbox
    form = MailboxForm

    def get_queryset(self):
        return self.tenant.mailboxes.select_related("queue")

    def save(self, form):
        return save_mailbox(mailbox=form.save(commit=False), password=form.cleaned_data["password"])


class MailboxDelete(DeletePage):
    model = Mailbox


class MailboxFetch(ActionPage):
    model = Mailbox
    permission = "fetch"
    label = gettext_lazy("Fetch now")
    question = gettext_lazy(
        "What is new is fetched every minute by itself. The result says whether the server answers."
    )

    def act(self, obj, data):
        mailbox = cast(Mailbox, obj)
        if not mailbox.is_fetched:
            raise MailboxNotFetched
        return start_job(
            FETCH,
            tenant=self.tenant,
            user=self.request.user,
            params={"mailbox_id": mailbox.pk},
            title=_("Fetch mail of %(address)s") % {"address": mailbox.address},
        )


class PortalSettingsEdit(SettingsPage):
    model = PortalSettings
    form = PortalSettingsForm
    template_name = "service/portal_settings.html"
    title = gettext_lazy("Customer portal")

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(address=public_url(self.tenant, "portal:ticket_new"), **context)
