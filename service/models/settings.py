"""What a support lead sets: working hours, targets, queues."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import SettledUnique
from crm.tenancy.fields import tenant_key
from crm.tenancy.models import Team, validate_time_zone

from ..choices.tickets import SlaTarget, TicketPriority
from ..querysets.settings import QueueQuerySet
from ..validators import validate_hours

# "09:00-12:00, 13:00-18:00" of ten spans; nobody has more.
HOURS_LENGTH = 128
# Ten years. A target is minutes of working time.
LONGEST_TARGET = 10 * 366 * 24 * 60


def _hours(label) -> models.CharField:
    return models.CharField(label, max_length=HOURS_LENGTH, blank=True, validators=[validate_hours])


class BusinessCalendar(TenantModel):
    """When people work: the spans of each weekday as text, "09:00-12:00, 13:00-18:00", empty when they do not."""

    tenant = tenant_key("business_calendars")
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=64, validators=[validate_time_zone])
    monday = _hours(_("Monday"))
    tuesday = _hours(_("Tuesday"))
    wednesday = _hours(_("Wednesday"))
    thursday = _hours(_("Thursday"))
    friday = _hours(_("Friday"))
    saturday = _hours(_("Saturday"))
    sunday = _hours(_("Sunday"))
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("business calendar")
        verbose_name_plural = _("business calendars")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="business_calendar_name",
                violation_error_message=_("There is already a calendar of this name."),
            )
        ]

    def __str__(self):
        return self.name

    @property
    def week(self) -> tuple[str, ...]:
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )

    def get_absolute_url(self):
        return reverse("service:calendar_detail", args=[self.pk])


class SpecialDay(TenantModel):
    """Days that differ from the week: a holiday, or (with hours) a working day where the week has none, or others."""

    tenant = tenant_key("special_days")
    calendar = TenantForeignKey(
        BusinessCalendar, models.CASCADE, cascade=True, related_name="special_days", verbose_name=_("calendar")
    )
    name = models.CharField(_("name"), max_length=80)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    hours = _hours(_("working hours"))
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("special day")
        verbose_name_plural = _("special days")
        indexes = [models.Index(fields=["tenant", "calendar", "first_on", "id"], name="special_day_calendar")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_on__gte=models.F("first_on")),
                name="special_day_in_order",
                violation_error_message=_("The last day lies before the first one."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        # The audit trail also asks for the page of a day of which it knows the number only.
        return reverse("service:calendar_detail", args=[self.calendar_id]) if self.calendar_id else ""


def _minutes(label) -> models.PositiveIntegerField:
    return models.PositiveIntegerField(label, null=True, blank=True)


class SlaPolicy(TenantModel):
    """What is promised: minutes of working time until the first reply and until the solution, for each priority.

    Empty: nothing is promised.
    """

    tenant = tenant_key("sla_policies")
    name = models.CharField(_("name"), max_length=80)
    urgent_first_reply = _minutes(_("urgent: first reply"))
    urgent_resolve = _minutes(_("urgent: solution"))
    high_first_reply = _minutes(_("high: first reply"))
    high_resolve = _minutes(_("high: solution"))
    normal_first_reply = _minutes(_("normal: first reply"))
    normal_resolve = _minutes(_("normal: solution"))
    low_first_reply = _minutes(_("low: first reply"))
    low_resolve = _minutes(_("low: solution"))
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("SLA policy")
        verbose_name_plural = _("SLA policies")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="sla_policy_name",
                violation_error_message=_("There is already a policy of this name."),
            )
        ]

    def __str__(self):
        return self.name

    def minutes(self, priority: TicketPriority, target: SlaTarget) -> int | None:
        return getattr(self, f"{priority.name.lower()}_{target.value}")

    def get_absolute_url(self):
        return reverse("service:policy_detail", args=[self.pk])


class Queue(TenantModel):
    """Where tickets wait for a team. Its calendar and policy say until when."""

    tenant = tenant_key("queues")
    name = models.CharField(_("name"), max_length=80)
    team = TenantForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("team"))
    calendar = TenantForeignKey(
        BusinessCalendar, models.PROTECT, related_name="queues", verbose_name=_("business calendar")
    )
    policy = TenantForeignKey(
        SlaPolicy, models.PROTECT, null=True, blank=True, related_name="queues", verbose_name=_("SLA policy")
    )
    # Tickets of which nobody said where they belong, as those of an import.
    is_default = models.BooleanField(_("takes tickets without a queue"), default=False)
    close_after_days = models.PositiveSmallIntegerField(
        _("closes solved tickets after (days)"), null=True, blank=True, default=7
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(QueueQuerySet)()

    class Meta:
        verbose_name = _("queue")
        verbose_name_plural = _("queues")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="queue_name",
                violation_error_message=_("There is already a queue of this name."),
            ),
            SettledUnique(fields=["tenant"], name="queue_one_default", condition=models.Q(is_default=True)),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("service:queue_detail", args=[self.pk])
