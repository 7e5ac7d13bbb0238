"""Tickets and what they need. Called inside the tenant."""

from service.models import BusinessCalendar, Queue, SlaPolicy, Ticket
from service.operations.tickets import open_ticket

OFFICE = "09:00-12:00, 13:00-17:00"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def make_calendar(**fields) -> BusinessCalendar:
    return BusinessCalendar.objects.create(
        **({"name": "Office", "time_zone": "UTC", **dict.fromkeys(WEEKDAYS, OFFICE)} | fields)
    )


def make_policy(**fields) -> SlaPolicy:
    return SlaPolicy.objects.create(
        **({"name": "Standard", "normal_first_reply": 120, "normal_resolve": 600, "urgent_first_reply": 30} | fields)
    )


def make_queue(**fields) -> Queue:
    """The office's calendar and the standard policy, unless others are given."""
    fields.setdefault("calendar", BusinessCalendar.objects.first() or make_calendar())
    if "policy" not in fields:
        fields["policy"] = SlaPolicy.objects.first() or make_policy()
    return Queue.objects.create(**({"name": "Support"} | fields))


def make_ticket(*, text="It does not work.", by=None, now=None, **fields) -> Ticket:
    """As people take one down, in the first queue there is."""
    fields.setdefault("queue", Queue.objects.first() or make_queue())
    ticket = Ticket(**({"subject": "Printer on fire"} | fields))
    return open_ticket(ticket=ticket, text=text, by=by, now=now).ticket
