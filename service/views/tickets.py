from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy

from crm.pages import submitted
from crm.pages.views import DeletePage, DetailPage, EditPage, ListPage, PageAction, ReadyView
from crm.pages.views.base import Crumb
from crm.pages.views.list import Empty

from .. import bulk
from ..addresses import answer_address
from ..attachments import new_files
from ..choices.tickets import OVER, TicketStatus
from ..filters import tickets as filters
from ..forms import tickets as forms
from ..models import Queue, Ticket
from ..operations.clock import rules_of
from ..operations.tickets import delete_tickets, open_ticket, save_ticket
from ..places import Place, listing_of, place_in
from ..sla import SlaState
from ..tables.tickets import TicketTable
from ..thread import read_log, read_thread

_MOST_QUEUE_TABS = 8
_OTHERS = 5


class TicketList(ListPage):
    model = Ticket
    kind = "tickets"
    table = TicketTable
    filterset = filters.TicketFilter
    bulk_actions = (
        bulk.TicketsAssign,
        bulk.TicketsMove,
        bulk.TicketsStatus,
        bulk.TicketsPriority,
        bulk.TicketsDelete,
    )
    empty = Empty(
        gettext_lazy("No tickets yet"),
        gettext_lazy("What customers ask for comes in here: take down the first one, or import a file."),
        icon="inbox",
    )

    def get_queryset(self):
        return self.tenant.tickets.all()

    def sort_for(self, data: QueryDict) -> str:
        """What is to be done comes by due time; a look back begins with what changed last."""
        return "due_at" if data.get("show") else ""

    def get_ready_views(self) -> Sequence[ReadyView]:
        return self._ready_views

    @cached_property
    def _ready_views(self) -> list[ReadyView]:
        work = [ReadyView(label, f"show={key}", opens=key == filters.UNSOLVED) for key, label in filters.WORK]
        queues = list(Queue.objects.order_by("name", "pk")[: _MOST_QUEUE_TABS + 1])
        # One queue is all there is; of very many the filter offers each.
        if not 1 < len(queues) <= _MOST_QUEUE_TABS:
            return work
        return [*work, *(ReadyView(queue.name, f"show={filters.UNSOLVED}&queue={queue.pk}") for queue in queues)]

    def _address(self, rows):
        super()._address(rows)
        for row in rows:
            vars(row)["list_address"] += place_in(self.current, row).address


class TicketDetail(DetailPage):
    model = Ticket
    table = TicketTable
    template_name = "service/ticket_detail.html"
    sections = (
        (gettext_lazy("Who asks"), ["sender_name", "sender_email"]),
        (
            gettext_lazy("The ticket"),
            [
                "queue",
                "assignee",
                "channel",
                "external_id",
                "created_by",
                "created_at",
                "first_replied_at",
                "solved_at",
                "closed_at",
            ],
        ),
    )
    actions = (
        PageAction("assign", gettext_lazy("Assign"), "user-share", is_rare=True),
        PageAction("queue", gettext_lazy("Move to another queue"), "inbox", permission="edit", is_rare=True),
        PageAction("priority", gettext_lazy("Change priority"), "flag", permission="edit", is_rare=True),
        PageAction("status", gettext_lazy("Change status"), "circle-check", permission="edit", is_rare=True),
    )

    def get_queryset(self):
        return self.tenant.tickets.select_related(
            "customer", "contact", "queue__calendar", "queue__policy", "assignee", "created_by"
        )

    @property
    def ticket(self) -> Ticket:
        return cast(Ticket, self.object)

    @cached_property
    def place(self) -> Place:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        return Place.read(data)

    @cached_property
    def list_page(self) -> ListPage:
        return TicketList.for_member(self.membership)

    def get_title(self) -> str:
        return self.ticket.subject

    def get_crumbs(self) -> list[Crumb]:
        query = self.place.query
        return [Crumb(self.kinds_label, self.url("list") + (f"?{query}" if query else ""))]

    def get_context(self, **context: Any) -> dict[str, Any]:
        ticket, log = self.ticket, read_log(self.ticket)
        thread = read_thread(ticket, log, whole="all" in self.request.GET, since=self.seen)
        return super().get_context(
            ticket=ticket,
            thread=thread,
            sla=self._sla(log),
            now=timezone.now(),
            place=self.place,
            step=self._step(),
            others=self._others(),
            reply_form=self._reply_form() if self._may("reply") else None,
            note_form=self._note_form() if self._may("note") else None,
            may_assign=self._may("assign"),
            may_edit=self._may("edit"),
            is_over=ticket.status in OVER,
            is_closed=ticket.status == TicketStatus.CLOSED,
            once=str(submitted.new_token()),
            answers_to=answer_address(ticket),
            **context,
        )

    @property
    def seen(self) -> int | None:
        """The line of the log behind which all is new to whoever looks; None: nothing in particular."""
        return None

    def _may(self, action: str) -> bool:
        return self.policy.allows(self.membership, action, self.ticket)

    def _sla(self, log) -> SlaState:
        rules = rules_of([self.ticket.queue])[self.ticket.queue_id]
        return rules.state(log, self.ticket.priority, timezone.now())

    def _step(self) -> Place:
        """Where "next" goes on: from the list one came from, else from the ticket's own place among all open ones."""
        if self.place.query or self.place.cursor:
            return self.place
        return place_in(listing_of(self.list_page, f"show={filters.UNSOLVED}"), self.ticket)

    def _others(self) -> list[Ticket]:
        if self.ticket.customer_id is None:
            return []
        rows = self.visible().select_related(None).filter(customer_id=self.ticket.customer_id)
        return list(rows.exclude(pk=self.ticket.pk).order_by("-created_at", "-pk")[:_OTHERS])

    def _reply_form(self) -> forms.ReplyForm:
        return forms.ReplyForm(membership=self.membership, auto_id="reply_%s")

    def _note_form(self) -> forms.NoteForm:
        return forms.NoteForm(membership=self.membership, auto_id="note_%s")


class TicketCreate(EditPage):
    model = Ticket
    form = forms.NewTicketForm

    def save(self, form):
        ticket = form.save(commit=False)
        files = new_files(form.cleaned_data["attachments"])
        return open_ticket(ticket=ticket, text=form.cleaned_data["text"], files=files, by=self.request.user).ticket


class TicketEdit(EditPage):
    model = Ticket
    form = forms.TicketForm

    def get_queryset(self):
        return self.tenant.tickets.select_related("queue")

    def save(self, form):
        return save_ticket(ticket=form.save(commit=False), by=self.request.user)


class TicketDelete(DeletePage):
    model = Ticket

    def delete(self, obj):
        delete_tickets(tickets=Ticket.objects.filter(pk=obj.pk))
