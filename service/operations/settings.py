"""What a support lead sets, and what follows from it: due times are computed anew."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from crm.accounts.models import User
from crm.jobs import start_job
from crm.jobs.models import Job
from crm.tenancy.models import Tenant

from ..models import BusinessCalendar, Queue, SlaPolicy, SpecialDay, Ticket

SETTLE = "service.settle_clocks"

_ENGLISH_HOURS = "09:00-17:00"
# With the rest at noon.
_CHINESE_HOURS = "09:00-12:00, 13:00-18:00"


@transaction.atomic
def create_defaults(tenant: Tenant | int) -> Queue:
    """A new tenant's calendar, policy and queue, in its language."""
    tenant = tenant if isinstance(tenant, Tenant) else Tenant.objects.get(pk=tenant)
    hours = _CHINESE_HOURS if tenant.language == "zh-hans" else _ENGLISH_HOURS
    with override(tenant.language):
        calendar = BusinessCalendar.objects.create(
            name=_("Office hours"),
            time_zone=tenant.time_zone,
            **dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), hours),
        )
        policy = SlaPolicy.objects.create(
            name=_("Standard"),
            urgent_first_reply=60,
            urgent_resolve=8 * 60,
            high_first_reply=4 * 60,
            high_resolve=16 * 60,
            normal_first_reply=8 * 60,
            normal_resolve=24 * 60,
            low_first_reply=16 * 60,
            low_resolve=40 * 60,
        )
        return Queue.objects.create(
            name=pgettext("queue", "Support"), calendar=calendar, policy=policy, is_default=True
        )


def greet_tenant(tenant: Tenant, **signal: object) -> None:
    create_defaults(tenant)


@transaction.atomic
def save_queue(*, queue: Queue, user: User) -> Queue:
    """Save what a form has filled in. One queue takes what has none: it takes the place of the one before."""
    if queue.is_default:
        others = Queue.objects.filter(is_default=True).exclude(pk=queue.pk)
        for other in others.select_for_update():
            other.is_default = False
            other.version += 1
            other.save(update_fields=["is_default", "version"])
    is_new = queue.pk is None
    _save_next_version(queue)
    if not is_new:
        settle_again(queues=[queue], user=user)
    return queue


@transaction.atomic
def save_policy(*, policy: SlaPolicy, user: User) -> SlaPolicy:
    _save_next_version(policy)
    settle_again(queues=policy.queues.all(), user=user)
    return policy


@transaction.atomic
def save_calendar(*, calendar: BusinessCalendar, user: User) -> BusinessCalendar:
    _save_next_version(calendar)
    settle_again(queues=calendar.queues.all(), user=user)
    return calendar


@transaction.atomic
def save_special_day(*, day: SpecialDay, user: User) -> SpecialDay:
    if day.pk is not None:
        day.version += 1
    day.save()
    settle_again(queues=day.calendar.queues.all(), user=user)
    return day


@transaction.atomic
def delete_special_day(*, day: SpecialDay, user: User) -> None:
    queues = list(day.calendar.queues.all())
    day.delete()
    settle_again(queues=queues, user=user)


def settle_again(*, queues: Iterable[Queue], user: User | None, whole: bool = False) -> Job | None:
    """Have the due times of these queues' unsolved tickets (`whole`: of all) computed anew, by a job.

    None when there is nothing to compute.
    """
    ids = sorted(queue.pk for queue in queues)
    tickets = Ticket.objects.filter(queue_id__in=ids)
    if not (tickets if whole else tickets.unsolved()).exists():
        return None
    tenant = Tenant.objects.get(pk=tickets[:1].get().tenant_id)
    return start_job(
        SETTLE, tenant=tenant, user=user, params={"queue_ids": ids, "whole": whole}, title=_("Compute due times anew")
    )


def _save_next_version(obj: Queue | SlaPolicy | BusinessCalendar) -> None:
    if obj.pk is not None:
        obj.version += 1
    obj.updated_at = timezone.now()
    obj.save()
