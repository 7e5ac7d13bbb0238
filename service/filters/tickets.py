from __future__ import annotations

import django_filters
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.pages.filters import (
    ChoicesFilter,
    DayRangeFilter,
    MemberFilter,
    RecordFilter,
    RelatedFilter,
    TenantFilterSet,
    YesNoFilter,
)
from customers.models import Customer

from ..choices.tickets import TicketChannel, TicketPriority, TicketStatus
from ..models import Queue, Ticket
from ..search import filter_by_search

MINE, UNASSIGNED, OVERDUE, UNSOLVED = "mine", "unassigned", "overdue", "unsolved"
WORK = [
    (MINE, _("My open tickets")),
    (UNASSIGNED, _("Unassigned")),
    (OVERDUE, _("Overdue")),
    (UNSOLVED, _("All open")),
]


class WorkFilter(ChoicesFilter):
    """What is still to be done. Each choice has an index that gives it by due time."""

    def __init__(self, **kwargs):
        super().__init__(choices=WORK, **kwargs)

    def filter(self, qs, value):
        if value == MINE:
            return qs.of(self.parent.request.membership.user)
        if value == UNASSIGNED:
            return qs.unassigned()
        if value == OVERDUE:
            return qs.overdue(timezone.now())
        return qs.unsolved() if value == UNSOLVED else qs


class MissedFilter(YesNoFilter):
    def filter(self, qs, value):
        if not value:
            return qs
        missed = Q(first_reply_missed=True) | Q(resolve_missed=True)
        return qs.filter(missed if value == "yes" else ~missed)


class TicketFilter(TenantFilterSet):
    q = django_filters.CharFilter(label=_("Search"), method="search")
    show = WorkFilter(label=_("To be done"))
    queue = RelatedFilter(Queue, label=_("Queue"))
    status = ChoicesFilter(label=_("Status"), choices=TicketStatus.choices)
    priority = ChoicesFilter(label=_("Priority"), choices=TicketPriority.choices)
    assignee = MemberFilter(label=_("Assignee"))
    customer = RecordFilter(Customer, label=_("Customer"))
    channel = ChoicesFilter(label=_("Channel"), choices=TicketChannel.choices)
    missed = MissedFilter(label=_("Target missed"))
    created_at = DayRangeFilter(label=_("Created"))
    solved_at = DayRangeFilter(label=_("Solved"))

    class Meta:
        model = Ticket
        fields: list[str] = []

    quick = {"show", "customer"}

    def search(self, queryset, name, value):
        return filter_by_search(queryset, value)
