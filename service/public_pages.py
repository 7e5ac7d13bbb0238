"""The portal: the form with which anybody writes to us, and the page of one ticket behind its signed link."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy

from crm.files.responses import download
from crm.pages.forms import errors_in_order
from crm.public.addresses import link_path
from crm.public.views import LinkPage, PublicPage

from .attachments import new_files
from .choices.tickets import MessageKind
from .forms.portal import AnswerForm, RequestForm
from .mailing import confirm, visitor_language
from .models import Ticket, TicketAttachment, TicketMessage
from .portal import TICKET, link_token, portal_settings, take_in_answer, take_in_request

# What members say among themselves is not for the customer.
_SHOWN_KINDS = (MessageKind.INBOUND, MessageKind.REPLY)
# The last ones, as on the page of those who answer.
_SHOWN = 100


class PortalPage(PublicPage):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.portal = portal_settings()
        if not self.portal.is_open:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class TicketNew(PortalPage):
    template_name = "service/public/ticket_new.html"
    title = gettext_lazy("Write to us")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(RequestForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RequestForm(request.POST, request.FILES)
        if form.is_filled_by_a_program:
            # It is told that all is well, lest it tries something else.
            return HttpResponseRedirect(reverse("portal:ticket_sent"))
        if not form.is_valid():
            return self._page(form, status=422)
        data = form.cleaned_data
        message, is_new = take_in_request(
            tenant=self.tenant,
            name=data["name"],
            email=data["email"],
            subject=data["subject"],
            text=data["text"],
            files=new_files(data["attachments"]),
            once=data["once"],
        )
        if is_new:
            confirm(message, language=visitor_language())
        # Whoever has written it may see it.
        return HttpResponseRedirect(link_path(link_token(message.ticket), "portal_links:ticket") + "?sent=1")

    def _page(self, form: RequestForm, status: int = 200) -> HttpResponse:
        return self.render(status, form=form, errors=list(errors_in_order(form)), greeting=self.portal.greeting)


class TicketSent(PortalPage):
    """Where a program ends that has filled in what nobody sees."""

    template_name = "service/public/ticket_sent.html"
    title = gettext_lazy("Thank you")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render()


class TicketPage(LinkPage):
    """A page of one ticket. The link is the proof: it shows what that ticket's customer may see, and no other."""

    kind = TICKET
    model = Ticket
    ticket: Ticket

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = (
            self.tenant.tickets.select_related("assignee").filter(pk=self.token.pk).first() if self.token.pk else None
        )
        if found is None or not portal_settings().is_open:
            raise Http404
        self.ticket = found
        return super().dispatch(request, *args, **kwargs)


class TicketStatus(TicketPage):
    template_name = "service/public/ticket.html"

    def get_title(self) -> str:
        return self.ticket.subject

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(AnswerForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = AnswerForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(form, status=422)
        data = form.cleaned_data
        take_in_answer(ticket=self.ticket, text=data["text"], files=new_files(data["attachments"]), once=data["once"])
        return HttpResponseRedirect(f"{request.path}?sent=1")

    def _page(self, form: AnswerForm, status: int = 200) -> HttpResponse:
        rows = self.ticket.messages.filter(kind__in=_SHOWN_KINDS).select_related("author").order_by("-at", "-pk")
        messages = list(rows[:_SHOWN])
        files = _files_of(messages)
        return self.render(
            status,
            form=form,
            errors=list(errors_in_order(form)),
            ticket=self.ticket,
            entries=[(message, files.get(message.pk, [])) for message in messages],
            is_sent="sent" in self.request.GET and status == 200,
        )


def _files_of(messages: list[TicketMessage]) -> dict[int, list[TicketAttachment]]:
    found: dict[int, list[TicketAttachment]] = {}
    rows = TicketAttachment.objects.filter(message__in=[one.pk for one in messages]).select_related("file")
    for one in rows.order_by("pk"):
        found.setdefault(one.message_id, []).append(one)
    return found


class TicketFile(TicketPage):
    """A file of what was said to the customer, or by them."""

    def get(self, request: HttpRequest, pk: int) -> FileResponse:
        rows = TicketAttachment.objects.filter(ticket=self.ticket, message__kind__in=_SHOWN_KINDS)
        found = rows.select_related("file").filter(pk=pk).first()
        if found is None:
            raise Http404
        return download(found.file)
