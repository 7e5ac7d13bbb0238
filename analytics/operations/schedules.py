"""Schedules: kept, claimed when they fall due, and turned into a job for each who gets the report."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import ScheduleNeedsRecipients, UnknownReport
from crm.jobs import start_job
from crm.jobs.models import Job
from crm.tenancy.models import Membership, Tenant

from ..models import Schedule, ScheduleRecipient
from ..reports.registry import Report, find_report
from ..reports.running import MAKE_REPORT

log = logging.getLogger(__name__)


@transaction.atomic
def save_schedule(*, schedule: Schedule, recipients: Iterable[int], user: User) -> Schedule:
    """`recipients` are ids of people. What was due meanwhile is not made up for: it goes on from now."""
    if schedule.pk is None:
        schedule.owner = user
    else:
        schedule.version += 1
        schedule.updated_at = timezone.now()
    schedule.settle_in_tenant()
    schedule.next_at = _next(schedule, schedule.tenant, timezone.now())
    schedule.save()
    _settle_recipients(schedule, set(recipients))
    return schedule


def _settle_recipients(schedule: Schedule, wanted: set[int]) -> None:
    present = dict(schedule.recipients.values_list("user_id", "pk"))
    schedule.recipients.filter(pk__in=[pk for user_id, pk in present.items() if user_id not in wanted]).delete()
    ScheduleRecipient.objects.bulk_create(
        ScheduleRecipient(schedule=schedule, user_id=user_id) for user_id in sorted(wanted - present.keys())
    )


def run_due(*, tenant: Tenant, now: datetime | None = None) -> int:
    """Start what is due in the tenant; returns how many schedules. Each is claimed once, however many look for it.

    After an outage a schedule runs once, however often it would have run, and goes on with its next time.
    """
    now = now or timezone.now()
    count = 0
    while _run_next(tenant, now):
        count += 1
    return count


@transaction.atomic
def _run_next(tenant: Tenant, now: datetime) -> bool:
    due = Schedule.objects.filter(next_at__lte=now).select_for_update(skip_locked=True, of=("self",))
    schedule = due.order_by("next_at", "pk").first()
    if schedule is None:
        return False
    started = _start(schedule, tenant)
    if not started:
        log.warning("Schedule %s of tenant %s has nobody to write to", schedule.pk, tenant.pk)
    # The jobs and the next time are one transaction: nobody gets it twice, and no time is skipped.
    schedule.last_at, schedule.next_at = now, _next(schedule, tenant, now)
    schedule.save(update_fields=["last_at", "next_at"])
    return True


@transaction.atomic
def run_now(*, schedule: Schedule, tenant: Tenant) -> list[Job]:
    """Make and mail it at once, beside its own times. Raises ScheduleNeedsRecipients."""
    jobs = _start(schedule, tenant)
    if not jobs:
        raise ScheduleNeedsRecipients
    return jobs


def readers_of(report: Report, tenant: Tenant) -> list[Membership]:
    """The members who may ask for the report, by name."""
    members = Membership.objects.active().filter(tenant=tenant).select_related("tenant", "user", "team")
    return [one for one in members.order_by("user__name", "user__email") if report.is_open_to(one)]


def _next(schedule: Schedule, tenant: Tenant, now: datetime) -> datetime | None:
    return schedule.plan(tenant.time_zone).next_after(now) if schedule.is_active else None


def _start(schedule: Schedule, tenant: Tenant) -> list[Job]:
    """A job for each recipient who may see the report today, as that person."""
    try:
        report = find_report(schedule.report)
    except UnknownReport:
        return []
    recipients = {one.user_id: one for one in schedule.recipients.select_for_update(of=("self",)).order_by("pk")}
    jobs = []
    for membership in readers_of(report, tenant):
        if membership.user_id not in recipients:
            continue
        job = start_job(
            MAKE_REPORT,
            tenant=tenant,
            user=membership.user,
            params={
                "report": schedule.report,
                "parameters": schedule.parameters,
                "format": schedule.format,
                "language": "",
                "schedule_id": schedule.pk,
            },
            title=schedule.name,
        )
        recipient = recipients[membership.user_id]
        recipient.last_job = job
        recipient.save(update_fields=["last_job"])
        jobs.append(job)
    return jobs
