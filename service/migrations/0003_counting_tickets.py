"""Tickets by day and by status, kept by the database with every change of tickets, whoever makes it."""

from django.db import migrations

from crm.rollups.keeping import Counted, KeepRollUp


class Migration(migrations.Migration):
    dependencies = [("service", "0002_ticket_rollups")]

    operations = [
        KeepRollUp(
            "TicketDay",
            of="Ticket",
            counted=[
                Counted(
                    key={"day": "(created_at AT TIME ZONE zone)::date", "queue_id": "queue_id"},
                    sums={"opened_count": "1", "missed_count": "(first_reply_missed OR resolve_missed)::int"},
                ),
                Counted(
                    key={"day": "(solved_at AT TIME ZONE zone)::date", "queue_id": "queue_id"},
                    sums={"solved_count": "1"},
                    where="solved_at IS NOT NULL",
                ),
            ],
        ),
        KeepRollUp(
            "TicketState",
            of="Ticket",
            counted=[Counted(key={"queue_id": "queue_id", "status": "status"}, sums={"ticket_count": "1"})],
        ),
    ]
