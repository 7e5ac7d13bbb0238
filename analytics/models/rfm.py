"""What each customer bought, and how that compares with the others: computed for the whole tenant by a job."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.fields import tenant_key
from customers.models import Customer

from ..choices.rfm import RfmSegment
from ..querysets.rfm import CustomerRfmQuerySet, RfmSummaryQuerySet, average_of


class AnalyticsRun(TenantModel):
    """When something was last computed for the tenant, and from how much."""

    RFM = "rfm"

    not_audited = "Says of a computation when it ran; it changes nobody's records."

    tenant = tenant_key("analytics_runs")
    name = models.CharField(_("computation"), max_length=20)
    # The day that counts as today: what was bought after it is left out.
    as_of = models.DateField(_("as of"), null=True)
    computed_at = models.DateTimeField(_("computed"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    customer_count = models.BigIntegerField(_("customers"), default=0)
    purchase_count = models.BigIntegerField(_("purchases"), default=0)
    # Lines in other currencies: there is no rate by which they could be added.
    foreign_count = models.BigIntegerField(_("lines in other currencies"), default=0)

    class Meta:
        verbose_name = _("computation")
        verbose_name_plural = _("computations")
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="analytics_run_once")]

    def __str__(self):
        return self.name


class CustomerRfm(TenantModel):
    """Of a customer who has bought something: recency, frequency and money, scored 1 to 5 among the tenant's buyers.

    Returns are left out, and what was bought in another currency than the tenant's.
    """

    not_audited = "Follows from the purchases, whose changes are in the trail."

    tenant = tenant_key("customer_rfm")
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="rfm", verbose_name=_("customer"), editable=False
    )
    currency = models.CharField(_("currency"), max_length=3)
    # Of invoices with all their lines, and of lines without an invoice number.
    purchase_count = models.IntegerField(_("purchases"))
    total_amount = models.BigIntegerField(_("total"))
    highest_amount = models.BigIntegerField(_("highest purchase"))
    lowest_amount = models.BigIntegerField(_("lowest purchase"))
    # Days of the tenant's time zone.
    first_on = models.DateField(_("first purchase"))
    last_on = models.DateField(_("last purchase"))
    r_score = models.PositiveSmallIntegerField(_("recency"))
    f_score = models.PositiveSmallIntegerField(_("frequency"))
    m_score = models.PositiveSmallIntegerField(_("money"))
    segment = models.CharField(_("RFM segment"), max_length=10, choices=RfmSegment)

    objects = TenantManager.from_queryset(CustomerRfmQuerySet)()

    class Meta:
        db_table = "customer_rfm"
        verbose_name = _("RFM score")
        verbose_name_plural = _("RFM scores")
        constraints = [models.UniqueConstraint(fields=["tenant", "customer"], name="customer_rfm_once")]
        indexes = [
            models.Index(fields=["tenant", "total_amount", "id"], name="customer_rfm_total"),
            models.Index(fields=["tenant", "purchase_count", "id"], name="customer_rfm_count"),
            models.Index(fields=["tenant", "last_on", "id"], name="customer_rfm_last"),
            models.Index(fields=["tenant", "segment", "total_amount", "id"], name="customer_rfm_segment"),
        ]

    def __str__(self):
        return f"{self.get_segment_display()} {self.scores}"

    @property
    def scores(self) -> str:
        return f"{self.r_score}-{self.f_score}-{self.m_score}"

    @property
    def average_amount(self) -> int:
        return average_of(self.total_amount, self.purchase_count)

    @property
    def meaning(self) -> str:
        return RfmSegment(self.segment).meaning


class RfmSummary(TenantModel):
    """The sums of the scores' rows by owner of the customer and segment: what heads the page, for everybody's scope."""

    not_audited = "Follows from the purchases, whose changes are in the trail."

    tenant = tenant_key("rfm_summaries")
    # Nobody: customers in the pool.
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, related_name="+")
    segment = models.CharField(_("RFM segment"), max_length=10, choices=RfmSegment)
    customer_count = models.BigIntegerField(_("customers"))
    purchase_count = models.BigIntegerField(_("purchases"))
    total_amount = models.BigIntegerField(_("total"))
    highest_amount = models.BigIntegerField(_("highest purchase"))
    lowest_amount = models.BigIntegerField(_("lowest purchase"))
    first_on = models.DateField(_("first purchase"))
    last_on = models.DateField(_("last purchase"))

    objects = TenantManager.from_queryset(RfmSummaryQuerySet)()

    class Meta:
        verbose_name = _("sums of RFM scores")
        verbose_name_plural = _("sums of RFM scores")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "owner", "segment"],
                name="rfm_summary_once",
                # Customers that nobody owns are a row too.
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        return f"{self.get_segment_display()}: {self.customer_count}"
