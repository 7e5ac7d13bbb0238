"""What one does with a ticket. Each is one POST; on the ticket's page they are buttons, and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.accounts.models import User
from crm.errors import AnsweredMeanwhile
from crm.pages.views import ActionPage, Page

from ..attachments import new_files
from ..forms import tickets as forms
from ..models import Ticket
from ..operations.tickets import add_note, change_ticket, reply_to_ticket
from ..places import Place, neighbour
from ..thread import came_in_between
from .tickets import TicketDetail, TicketList


class TicketAction(ActionPage):
    """Stays in the list one came from, and goes on to the next ticket when that was asked for."""

    model = Ticket
    permission = "edit"

    def get_queryset(self):
        return self.tenant.tickets.select_related("assignee", "queue")

    @property
    def ticket(self) -> Ticket:
        return cast(Ticket, self.object)

    @property
    def user(self) -> User:
        return self.request.user

    def _sent(self) -> tuple[Any, Any]:
        return (self.request.POST, self.request.FILES) if self.request.method == "POST" else (None, None)

    @cached_property
    def place(self) -> Place:
        return Place.read(self.request.POST if self.request.method == "POST" else self.request.GET)

    def get_success_url(self) -> str:
        if self.request.POST.get("then") == "next":
            return reverse("service:ticket_next") + self.place.address
        return self.url("detail", self.object) + self.place.address


class TicketReply(TicketDetail, TicketAction):
    """The ticket's page again, with what was typed, when it cannot be sent as it is."""

    form = forms.ReplyForm
    permission = "reply"
    label = gettext_lazy("Reply")
    done = gettext_lazy("The reply was written.")
    adds = True

    @cached_property
    def bound_form(self):
        return forms.ReplyForm(*self._sent(), membership=self.membership, auto_id="reply_%s")

    @property
    def seen(self) -> int | None:
        return self.bound_form.cleaned_data.get("seen") if self.bound_form.is_bound else None

    def _reply_form(self):
        return self.bound_form

    def act(self, obj, data):
        if came_in_between(obj, data["seen"] or 0, self.user):
            raise AnsweredMeanwhile
        files = new_files(data["attachments"])
        reply_to_ticket(ticket=obj, author=self.user, text=data["text"], status=data["status"], files=files)


class TicketNote(TicketDetail, TicketAction):
    form = forms.NoteForm
    permission = "note"
    label = gettext_lazy("Internal note")
    done = gettext_lazy("The note was added.")
    adds = True

    @cached_property
    def bound_form(self):
        return forms.NoteForm(*self._sent(), membership=self.membership, auto_id="note_%s")

    def _note_form(self):
        return self.bound_form

    def act(self, obj, data):
        add_note(ticket=obj, author=self.user, text=data["text"], files=new_files(data["attachments"]))


class TicketTake(TicketAction):
    permission = "assign"
    label = gettext_lazy("Assign to me")
    question = gettext_lazy("Do you want to work on this ticket?")
    done = gettext_lazy("The ticket is yours.")

    def act(self, obj, data):
        change_ticket(ticket=obj, by=self.user, assignee=self.user)


class TicketChange(TicketAction):
    """Gives one field another value."""

    done = gettext_lazy("The ticket was changed.")
    field: ClassVar[str]

    def get_initial(self):
        return {self.field: getattr(self.ticket, self.field)}

    def act(self, obj, data: Mapping[str, Any]):
        change_ticket(ticket=obj, by=self.user, **{self.field: data[self.field]})


class TicketAssign(TicketChange):
    permission = "assign"
    label = gettext_lazy("Assign")
    form, field = forms.AssignForm, "assignee"

    def get_initial(self):
        return {"assignee": self.ticket.assignee_id}


class TicketSetStatus(TicketChange):
    label = gettext_lazy("Change status")
    form, field = forms.StatusForm, "status"


class TicketSetPriority(TicketChange):
    label = gettext_lazy("Change priority")
    form, field = forms.PriorityForm, "priority"


class TicketSetQueue(TicketChange):
    label = gettext_lazy("Move to another queue")
    form, field = forms.QueueChoiceForm, "queue"

    def get_initial(self):
        return {"queue": self.ticket.queue_id}


class TicketStep(Page):
    """To the ticket behind the one that was shown, or before it, in the list one came from."""

    model = Ticket
    http_method_names = ["get", "head"]
    forward: ClassVar[bool] = True

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        place = Place.read(request.GET)
        found = neighbour(TicketList.for_member(self.membership), place, forward=self.forward)
        if found is None:
            messages.info(request, _("That was the last one.") if self.forward else _("That was the first one."))
            return redirect(self.url("list") + (f"?{place.query}" if place.query else ""))
        ticket, its_place = found
        return redirect(self.url("detail", ticket) + its_place.address)


class TicketNext(TicketStep):
    pass


class TicketPrevious(TicketStep):
    forward = False
