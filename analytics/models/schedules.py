"""Reports that come by themselves."""

from __future__ import annotations

from datetime import time
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm.jobs.models import Job
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantModel
from crm.tenancy.fields import tenant_key

from ..reports.choices import ReportFormat, Rhythm, Weekday
from ..reports.moments import LAST_DAY_OF_EVERY_MONTH, Plan


class Schedule(TenantModel):
    """A report that is made and mailed again and again. This row is the truth about when: it is claimed under its lock,
    in the transaction of the jobs that it starts."""

    unaudited_fields: ClassVar[tuple[str, ...]] = ("next_at", "last_at")
    settled_fields: ClassVar[tuple[str, ...]] = (
        "report",
        "parameters",
        "rhythm",
        "weekday",
        "day_of_month",
        "at_time",
        "is_active",
    )

    name = models.CharField(_("name"), max_length=120)
    # The key of a report, and what it is asked for; "last month" stays that.
    report = models.CharField(_("report"), max_length=40, editable=False)
    parameters = models.JSONField(_("parameters"), default=dict, editable=False)
    format = models.CharField(_("format"), max_length=10, choices=ReportFormat, default=ReportFormat.PDF)
    rhythm = models.CharField(_("how often"), max_length=10, choices=Rhythm, default=Rhythm.WEEKLY)
    weekday = models.PositiveSmallIntegerField(_("day of the week"), choices=Weekday, default=Weekday.MONDAY)
    day_of_month = models.PositiveSmallIntegerField(
        _("day of the month"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(LAST_DAY_OF_EVERY_MONTH)],
    )
    # Of the clock on the wall in the tenant's time zone.
    at_time = models.TimeField(_("time"), default=time(8))
    is_active = models.BooleanField(_("in use"), default=True)
    # Empty while it is not in use.
    next_at = models.DateTimeField(_("next time"), null=True, editable=False)
    last_at = models.DateTimeField(_("last time"), null=True, editable=False)
    owner = MemberForeignKey(verbose_name=_("owner"), editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("schedule")
        verbose_name_plural = _("schedules")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="schedule_recent"),
            models.Index(
                "tenant", "owner", models.F("updated_at").desc(), models.F("id").desc(), name="schedule_owner"
            ),
            models.Index(fields=["tenant", "name", "id"], name="schedule_name"),
            models.Index(fields=["tenant", "next_at", "id"], name="schedule_due"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("analytics:schedule_detail", args=[self.pk])

    def plan(self, zone: str) -> Plan:
        return Plan(self.rhythm, self.weekday, self.day_of_month, self.at_time, ZoneInfo(zone))

    @property
    def in_words(self) -> str:
        """When it comes, such as "every Monday at 08:00"."""
        at = f"{self.at_time:%H:%M}"
        if self.rhythm == Rhythm.WEEKLY:
            return gettext("every %(weekday)s at %(time)s") % {"weekday": Weekday(self.weekday).label, "time": at}
        return gettext("on day %(day)s of every month at %(time)s") % {"day": self.day_of_month, "time": at}


class ScheduleRecipient(TenantModel):
    """Who gets the report: as they see it, in their language. `last_job` made it last."""

    unaudited_fields: ClassVar[tuple[str, ...]] = ("last_job", "mailed_at")
    settled_fields: ClassVar[tuple[str, ...]] = ("schedule", "user")

    tenant = tenant_key("schedule_recipients")
    schedule = TenantForeignKey(
        Schedule, models.CASCADE, cascade=True, related_name="recipients", verbose_name=_("schedule")
    )
    user = MemberForeignKey(verbose_name=_("recipient"), related_name="+")
    last_job = TenantForeignKey(
        Job, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("last job")
    )
    mailed_at = models.DateTimeField(_("mailed"), null=True, editable=False)

    class Meta:
        verbose_name = _("recipient of a schedule")
        verbose_name_plural = _("recipients of schedules")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "schedule", "user"], name="schedule_recipient_once"),
        ]
        indexes = [
            # For what is asked when old jobs are removed.
            models.Index(
                fields=["tenant", "last_job"], name="schedule_last_job", condition=models.Q(last_job__isnull=False)
            ),
        ]

    def __str__(self):
        return str(self.user)
