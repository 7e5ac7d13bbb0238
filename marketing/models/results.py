from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.i18n.labels import labelled
from crm.tenancy.base import TenantForeignKey, TenantModel
from crm.tenancy.fields import tenant_key
from customers.models import Customer

from ..choices import Result
from .campaigns import Campaign


class CampaignResult(TenantModel):
    """What an advertisement came to with one customer, on whatever channel: entered, or imported."""

    tenant = tenant_key("campaign_results")
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="campaign_results", verbose_name=_("customer")
    )
    ad = models.CharField(_("advertisement"), max_length=200)
    result_on = models.DateField(_("day"), default=timezone.localdate)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    campaign = TenantForeignKey(
        Campaign, models.SET_NULL, null=True, blank=True, related_name="results", verbose_name=_("campaign")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("campaign result")
        verbose_name_plural = _("campaign results")
        indexes = [
            models.Index("tenant", models.F("result_on").desc(), models.F("id").desc(), name="result_recent"),
            models.Index(
                "tenant", "customer", models.F("result_on").desc(), models.F("id").desc(), name="result_customer"
            ),
            models.Index(fields=["tenant", "ad", "id"], name="result_ad"),
            models.Index("tenant", "campaign", name="result_campaign"),
        ]

    def __str__(self):
        return labelled(self.ad, self.get_result_display())

    def get_absolute_url(self):
        return reverse("marketing:result_detail", args=[self.pk])


class ResultMonth(TenantModel):
    """How often advertisements had a result in a month.

    Kept by the trigger of migration 0003. `slot` keeps writers apart who change results at the same time; a sum over
    rows is right, a single row says nothing.
    """

    not_audited = "Follows from the results, whose changes are in the trail."

    tenant = tenant_key("result_months")
    # Its first day.
    month = models.DateField(_("month"))
    result = models.CharField(_("result"), max_length=10, choices=Result)
    slot = models.SmallIntegerField(default=0)
    result_count = models.BigIntegerField(_("results"), default=0)

    class Meta:
        verbose_name = _("campaign results of a month")
        verbose_name_plural = _("campaign results by month")
        constraints = [models.UniqueConstraint(fields=["tenant", "month", "result", "slot"], name="result_month_once")]

    def __str__(self):
        return f"{self.month}: {self.result_count}"
