from __future__ import annotations

from django.db.models import Q

from crm.access.policy import FollowsPolicy, Policy, team_members
from crm.access.roles import Role, Scope

from ..models import Queue, Ticket, TicketMessage

LEADING = {Role.ADMIN, Role.SUPPORT_LEAD}
SERVING = {Role.ADMIN, Role.SUPPORT_LEAD, Role.SUPPORT}
SELLING = {Role.SALES_MANAGER, Role.SALES}


class TicketPolicy(Policy):
    """Own are the tickets one works on and those of one's customers; the team's are also those in its queues."""

    kind = "tickets"
    model = Ticket
    owner_field = "assignee"
    grants = {
        "view": Role,
        "create": SERVING | SELLING,
        "edit": SERVING,
        "reply": SERVING,
        "note": SERVING | SELLING,
        "assign": SERVING,
        "delete": LEADING,
        "lead": LEADING,
        "import": LEADING,
        "export": LEADING | {Role.ANALYST},
    }
    scopes = {
        Role.ADMIN: Scope.ALL,
        Role.SUPPORT_LEAD: Scope.ALL,
        Role.SUPPORT: Scope.ALL,
        Role.SALES_MANAGER: Scope.TEAM,
        Role.SALES: Scope.OWN,
        Role.MARKETER: Scope.ALL,
        Role.ANALYST: Scope.ALL,
        Role.READER: Scope.ALL,
    }

    def within(self, membership, scope):
        people = [membership.user_id] if scope == Scope.OWN else team_members(membership)
        # Through the join and not by EXISTS, for which the planner reads all customers of these people first.
        whose = {"customer__owner": people[0]} if len(people) == 1 else {"customer__owner__in": people}
        mine = super().within(membership, scope) | Q(**whose)
        if scope == Scope.OWN or membership.team is None:
            return mine
        queues = Queue.objects.filter(team__path__startswith=membership.team.path)
        return mine | Q(queue_id__in=queues.values("pk"))


class TicketMessagePolicy(FollowsPolicy):
    """What was said is seen with its ticket, and written on the ticket's page only."""

    kind = "ticket_messages"
    model = TicketMessage
    follows = "ticket"
    grants = {"view": Role}
