from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class TicketStatus(models.IntegerChoices):
    """Small numbers in the order of a ticket's life, so that "still open" is one comparison and one partial index."""

    NEW = 0, pgettext_lazy("ticket", "New")
    OPEN = 1, pgettext_lazy("ticket", "Open")
    PENDING = 2, _("Waiting for the customer")
    SOLVED = 3, _("Solved")
    CLOSED = 4, _("Closed")


# Their clocks run. Waiting for the customer stands still, and what is solved or closed is over.
RUNNING = (TicketStatus.NEW, TicketStatus.OPEN)
OVER = (TicketStatus.SOLVED, TicketStatus.CLOSED)


class TicketPriority(models.IntegerChoices):
    LOW = 0, _("Low")
    NORMAL = 1, _("Normal")
    HIGH = 2, _("High")
    URGENT = 3, _("Urgent")


class TicketChannel(models.TextChoices):
    """How a ticket came in."""

    PHONE = "phone", pgettext_lazy("channel", "Telephone")
    EMAIL = "email", _("E-mail")
    PORTAL = "portal", _("Portal")
    WECHAT = "wechat", _("WeChat")
    VISIT = "visit", pgettext_lazy("channel", "Visit")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


class MessageKind(models.TextChoices):
    REPLY = "reply", _("Reply")
    NOTE = "note", _("Internal note")
    INBOUND = "inbound", _("From the customer")


class EventKind(models.TextChoices):
    """What happens to a ticket. The clock is told by the first ones; the others are for people."""

    CREATED = "created", _("Came in")
    STATUS = "status", _("Status")
    REPLY = "reply", _("Reply")
    INBOUND = "inbound", _("Message from the customer")
    PRIORITY = "priority", _("Priority")
    QUEUE = "queue", _("Queue")
    ASSIGNEE = "assignee", _("Assignee")
    NOTE = "note", _("Internal note")
    MISSED = "missed", _("Target missed")


class SlaTarget(models.TextChoices):
    FIRST_REPLY = "first_reply", _("First reply")
    RESOLVE = "resolve", _("Solution")
