"""Schedules. Dull on purpose; call them inside the tenant."""

from datetime import datetime

from analytics.models import Schedule, ScheduleRecipient
from crm.tenancy.models import Membership


def make_schedule(*recipients: Membership, due_at: datetime | None = None, **fields) -> Schedule:
    """Of the first recipient, every Monday at eight; `due_at` puts its next time where the test wants it."""
    usual = {"name": "Weekly sales", "report": "monthly_sales", "parameters": {"month": "last"}, "format": "csv"}
    schedule = Schedule.objects.create(**(usual | {"owner": recipients[0].user, "next_at": due_at} | fields))
    ScheduleRecipient.objects.bulk_create(
        ScheduleRecipient(schedule=schedule, user=membership.user) for membership in recipients
    )
    return schedule
