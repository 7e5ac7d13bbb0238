from django.utils.translation import gettext_lazy as _

from crm.pages.bulk import BulkAction

from .forms.tickets import AssignForm, PriorityForm, QueueChoiceForm, StatusForm
from .operations.tickets import change_tickets, delete_tickets


class TicketsAssign(BulkAction):
    verb, label, icon = "assign", _("Assign"), "user-share"
    permission = "assign"
    form = AssignForm

    def act(self, rows, data):
        return change_tickets(tickets=rows, by=self.user, assignee=data["assignee"])


class TicketsMove(BulkAction):
    verb, label, icon = "move", _("Move to another queue"), "inbox"
    form = QueueChoiceForm

    def act(self, rows, data):
        return change_tickets(tickets=rows, by=self.user, queue=data["queue"])


class TicketsStatus(BulkAction):
    verb, label, icon = "status", _("Change status"), "circle-check"
    form = StatusForm

    def act(self, rows, data):
        return change_tickets(tickets=rows, by=self.user, status=data["status"])


class TicketsPriority(BulkAction):
    verb, label, icon = "priority", _("Change priority"), "flag"
    form = PriorityForm

    def act(self, rows, data):
        return change_tickets(tickets=rows, by=self.user, priority=data["priority"])


class TicketsDelete(BulkAction):
    verb, label, icon = "delete", _("Delete"), "trash"
    permission = "delete"
    is_dangerous = True
    warning = _("All that was said about these tickets is deleted with them. This cannot be undone.")

    def act(self, rows, data):
        return delete_tickets(tickets=rows)
