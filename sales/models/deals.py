"""Deals, where they have been, and what lies in each stage."""

from __future__ import annotations

import time
from typing import ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.search.tokens import name_sort
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.fields import tenant_key
from customers.models import Contact, Customer

from ..choices.pipelines import DealStatus
from ..querysets.deals import DealQuerySet
from .pipelines import LostReason, Pipeline, Stage

# Room between deals that come into a stage within a microsecond of each other; see sales/operations/positions.py.
GAP = 1 << 10


def top_position() -> int:
    """A place above all deals that are in a stage already: places grow downwards, and time only forwards."""
    return -(time.time_ns() // 1_000) * GAP


class TopPosition(models.Func):
    """The same by the database's clock, for rows that come in a single statement: each gets a place of its own."""

    template = f"(-(extract(epoch FROM clock_timestamp()) * 1000000)::bigint * {GAP})"
    arity = 0
    output_field = models.BigIntegerField()


class Deal(TenantModel):
    unaudited_fields: ClassVar[tuple[str, ...]] = ("name_sort", "pos", "stage_since")

    name = models.CharField(_("name"), max_length=200)
    name_sort = models.CharField(max_length=100, editable=False)
    # Deals come from imports before anybody knows whose they are; the form asks for one.
    customer = TenantForeignKey(
        Customer,
        models.CASCADE,
        cascade=True,
        null=True,
        blank=True,
        related_name="deals",
        verbose_name=_("customer"),
    )
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("contact")
    )
    # What it is mainly about. A quote says the rest.
    product = TenantForeignKey(
        "sales.Product", models.SET_NULL, null=True, blank=True, related_name="deals", verbose_name=_("product")
    )
    pipeline = TenantForeignKey(
        Pipeline, models.PROTECT, related_name="deals", verbose_name=_("pipeline"), editable=False
    )
    # Operations move deals, so that the history is told; a form names the stage by a field of its own.
    stage = TenantForeignKey(Stage, models.PROTECT, related_name="deals", verbose_name=_("stage"), editable=False)
    # The kind of the stage, repeated so that an index finds what is open.
    status = models.CharField(_("status"), max_length=10, choices=DealStatus, default=DealStatus.OPEN, editable=False)
    # The place within the stage, ascending from the top. Only their order means anything.
    pos = models.BigIntegerField(default=top_position, db_default=TopPosition(), editable=False)
    stage_since = models.DateTimeField(_("in this stage since"), default=timezone.now, editable=False)
    # Minor units of the currency. Empty: nobody knows yet.
    amount = models.BigIntegerField(_("amount"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3, validators=[RegexValidator(r"^[A-Z]{3}$")])
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, blank=True, related_name="+")
    # When the work on it began: from here to the closing it takes its time.
    opened_on = models.DateField(_("begun on"), null=True, blank=True)
    expected_close_on = models.DateField(_("expected to close"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)
    lost_reason = TenantForeignKey(
        LostReason, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name=_("lost reason")
    )
    lost_note = models.CharField(_("why it was lost"), max_length=500, blank=True)
    note = models.TextField(_("note"), max_length=10_000, blank=True)
    external_id = models.CharField(_("external number"), max_length=64, blank=True)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(DealQuerySet)()

    class Meta:
        verbose_name = _("deal")
        verbose_name_plural = _("deals")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="deal_recent"),
            models.Index("tenant", "owner", models.F("updated_at").desc(), models.F("id").desc(), name="deal_owner"),
            models.Index("tenant", "status", models.F("updated_at").desc(), models.F("id").desc(), name="deal_status"),
            models.Index("tenant", "stage", models.F("updated_at").desc(), models.F("id").desc(), name="deal_stage"),
            models.Index(
                "tenant", "pipeline", models.F("updated_at").desc(), models.F("id").desc(), name="deal_pipeline"
            ),
            models.Index(
                "tenant", "customer", models.F("updated_at").desc(), models.F("id").desc(), name="deal_customer"
            ),
            models.Index(fields=["tenant", "name_sort", "id"], name="deal_name"),
            models.Index(fields=["tenant", "amount", "id"], name="deal_amount"),
            models.Index(fields=["tenant", "expected_close_on", "id"], name="deal_expected"),
            models.Index(fields=["tenant", "closed_at", "id"], name="deal_closed"),
            # The board's columns: all deals of a stage, and one person's.
            models.Index(fields=["tenant", "stage", "pos", "id"], name="deal_board"),
            models.Index(fields=["tenant", "owner", "stage", "pos", "id"], name="deal_board_owner"),
            models.Index(
                fields=["tenant", "owner", "expected_close_on", "id"],
                name="deal_closing",
                condition=models.Q(status=DealStatus.OPEN),
            ),
            # For what is asked when one of these is deleted or looked at.
            models.Index(fields=["tenant", "contact"], name="deal_contact", condition=models.Q(contact__isnull=False)),
            models.Index(fields=["tenant", "product"], name="deal_product", condition=models.Q(product__isnull=False)),
            models.Index(
                fields=["tenant", "lost_reason"], name="deal_lost_reason", condition=models.Q(lost_reason__isnull=False)
            ),
        ]
        constraints = [
            TenantView(name="sales_deal_v"),
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                name="deal_external_id",
                condition=~models.Q(external_id=""),
                violation_error_message=_("Another deal already has this external number."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_sort = name_sort(self.name)
        if self.stage_id is None:
            self.stage = Stage.objects.first_open()
        self.follow_stage()
        if not self.currency:
            self.settle_in_tenant()
            self.currency = self.tenant.currency
        super().save(*args, **kwargs)

    def follow_stage(self) -> None:
        """Take over what the stage says: the pipeline, and whether the deal is open, won or lost."""
        self.pipeline_id = self.stage.pipeline_id
        self.status = self.stage.kind
        if self.is_open:
            self.closed_at = None
        elif self.closed_at is None:
            self.closed_at = timezone.now()
        if self.status != DealStatus.LOST:
            self.lost_reason, self.lost_note = None, ""

    @property
    def is_open(self) -> bool:
        return self.status == DealStatus.OPEN

    def get_absolute_url(self):
        return reverse("sales:deal_detail", args=[self.pk])


class DealStageChange(TenantModel):
    """A deal went from one stage to another. What a deal is created in is no change."""

    not_audited = "Is itself the record of who moved the deal, when, and how long it had stayed."

    tenant = tenant_key("deal_stage_changes")
    deal = TenantForeignKey(Deal, models.CASCADE, cascade=True, related_name="stage_changes", verbose_name=_("deal"))
    from_stage = TenantForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("from stage"))
    to_stage = TenantForeignKey(Stage, models.PROTECT, related_name="+", verbose_name=_("to stage"))
    at = models.DateTimeField(_("when"), default=timezone.now)
    by = MemberForeignKey(verbose_name=_("by"), null=True, related_name="+")
    # How long the deal had been in `from_stage`.
    stayed_seconds = models.BigIntegerField(_("stayed"), default=0)

    class Meta:
        verbose_name = _("change of stage")
        verbose_name_plural = _("changes of stage")
        indexes = [
            models.Index("tenant", "deal", models.F("at").desc(), models.F("id").desc(), name="stage_change_deal"),
            models.Index(fields=["tenant", "to_stage", "at"], name="stage_change_to"),
            models.Index(fields=["tenant", "from_stage", "at"], name="stage_change_from"),
        ]

    def __str__(self):
        return f"{self.from_stage} → {self.to_stage}"


class DealStageStat(TenantModel):
    """How many deals lie in a stage and what they are worth, by owner and currency.

    Kept by the trigger of migration 0006. `slot` keeps writers apart who change deals at the same time; a sum over
    rows is right, a single row says nothing.
    """

    not_audited = "Follows from the deals, whose changes are in the trail."

    tenant = tenant_key("deal_stage_stats")
    pipeline = TenantForeignKey(Pipeline, models.CASCADE, cascade=True, related_name="+")
    stage = TenantForeignKey(Stage, models.CASCADE, cascade=True, related_name="stats")
    owner = MemberForeignKey(null=True, related_name="+")
    currency = models.CharField(max_length=3)
    slot = models.SmallIntegerField(default=0)
    deal_count = models.BigIntegerField(default=0)
    amount = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("deals in a stage")
        verbose_name_plural = _("deals in stages")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "pipeline", "stage", "owner", "currency", "slot"],
                name="deal_stage_stat_once",
                # Deals that nobody owns are a row too.
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        return f"{self.stage_id}: {self.deal_count}"


class DealMonth(TenantModel):
    """The deals of one person that were won or lost in a month of the tenant's time zone, in one currency.

    Kept by the trigger of migration 0017; `slot` as above.
    """

    not_audited = "Follows from the deals, whose changes are in the trail."

    tenant = tenant_key("deal_months")
    # Its first day.
    month = models.DateField(_("month"))
    status = models.CharField(_("status"), max_length=10, choices=DealStatus)
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, related_name="+")
    currency = models.CharField(_("currency"), max_length=3)
    slot = models.SmallIntegerField(default=0)
    deal_count = models.BigIntegerField(_("deals"), default=0)
    amount = models.BigIntegerField(_("amount"), default=0)

    class Meta:
        verbose_name = _("closed deals of a month")
        verbose_name_plural = _("closed deals by month")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "month", "status", "owner", "currency", "slot"],
                name="deal_month_once",
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        return f"{self.month}: {self.deal_count}"


class DealSearch(SearchEntry):
    """The words a deal is found by: its name and its customer's."""

    tenant = tenant_key("deal_search")
    id = entry_key("deal")

    class Meta:
        db_table = "deal_search"
        verbose_name = verbose_name_plural = _("words of deals")
        indexes = entry_indexes("deal_search")
        constraints = entry_constraints("deal_search", of="sales.Deal")
