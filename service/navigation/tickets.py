"""Tickets in the sidebar, on the first page of the day, and beside a customer."""

from __future__ import annotations

from typing import Any, cast

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from crm.access.policy import policy_for, visible
from crm.pages.counts import Count, capped_count
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from ..filters.tickets import MINE, OVERDUE, UNASSIGNED, UNSOLVED
from ..models import Ticket
from ..places import place_in
from ..querysets.tickets import TicketQuerySet
from ..views.tickets import TicketList

SHOWN = 8

register(
    Entry(
        "service:ticket_list",
        _("Tickets"),
        icon="ticket",
        section="service",
        order=10,
        needs=(Ticket, "view"),
        words="tickets support queue helpdesk gongdan 工单 客服 服务",
    ),
    Entry(
        "service:ticket_create",
        _("New ticket"),
        icon="ticket",
        section="service",
        order=11,
        needs=(Ticket, "create"),
        places=("create",),
        words="take down xinjian gongdan 新建工单",
    ),
    Entry(
        "service:ticket_next",
        _("Next ticket to be done"),
        icon="arrow-right-circle",
        section="service",
        order=12,
        needs=(Ticket, "reply"),
        places=("palette",),
        words="work begin xiayige 下一个工单",
    ),
)


def _seen(request: MemberRequest) -> TicketQuerySet:
    return cast(TicketQuerySet, visible(request.membership, Ticket))


def _listed(request: MemberRequest, show: str) -> dict[str, Any]:
    """The first tickets of a view of the list, each with its place there, so that "next" goes on through it."""
    listing = TicketList.for_member(request.membership).listing(QueryDict(f"show={show}"))
    rows = list(listing.rows.select_related("customer").order_by("due_at", "id")[: SHOWN + 1])
    return {
        "tickets": [(ticket, place_in(listing, ticket).address) for ticket in rows[:SHOWN]],
        "goes_on": len(rows) > SHOWN,
        "query": f"show={show}",
        "now": timezone.now(),
    }


def my_tickets(request: MemberRequest) -> dict[str, Any] | None:
    return _listed(request, MINE)


def unassigned_tickets(request: MemberRequest) -> dict[str, Any] | None:
    return _listed(request, UNASSIGNED)


def state_of_service(request: MemberRequest) -> dict[str, Any] | None:
    """How much there is to do, in figures that lead to the list."""
    rows, now = _seen(request), timezone.now()
    counts: list[tuple[Any, Count, str, bool]] = [
        (pgettext_lazy("ticket", "Open"), capped_count(rows.unsolved()), UNSOLVED, False),
        (_("Unassigned"), capped_count(rows.unassigned()), UNASSIGNED, False),
        (_("Overdue"), capped_count(rows.overdue(now)), OVERDUE, True),
    ]
    overdue = list(rows.overdue(now).by_due().select_related("assignee", "customer")[:SHOWN])
    return {"counts": counts, "overdue": overdue, "now": now}


register_panel(
    Panel(
        "service.mine",
        _("My tickets"),
        "service/panels/tickets.html",
        my_tickets,
        needs=(Ticket, "reply"),
        order=5,
        is_wide=True,
    )
)
register_panel(
    Panel(
        "service.unassigned",
        _("Unassigned tickets"),
        "service/panels/tickets.html",
        unassigned_tickets,
        needs=(Ticket, "reply"),
        order=6,
        is_wide=True,
    )
)
register_panel(
    Panel(
        "service.state",
        _("How the service stands"),
        "service/panels/state.html",
        state_of_service,
        needs=(Ticket, "lead"),
        order=7,
    )
)


def tickets_of(request: MemberRequest, customer: Customer) -> dict[str, Any] | None:
    rows = _seen(request).filter(customer=customer).order_by("-created_at", "-pk")
    found = list(rows[: SHOWN + 1])
    may_create = policy_for(Ticket).allows(request.membership, "create")
    if not found and not may_create:
        return None
    return {"tickets": found[:SHOWN], "goes_on": len(found) > SHOWN, "may_create": may_create, "now": timezone.now()}


register_related(
    Customer,
    Related("tickets", _("Tickets"), "service/cards/tickets.html", tickets_of, needs=(Ticket, "view"), order=30),
)
