"""Somebody who may become a customer."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.fields import tenant_key
from customers.choices import CustomerSource
from customers.models import Contact, Customer, Reachable

from ..choices.leads import DiscardReason, LeadStatus
from ..querysets.leads import OPEN, LeadQuerySet
from .deals import Deal


class Lead(Reachable, TenantModel):
    """A person, of a company or not, of whom it is not known yet what will come of it. `name` is the person's."""

    unaudited_fields: ClassVar[tuple[str, ...]] = ("name_sort",)

    company = models.CharField(_("company"), max_length=200, blank=True)
    title = models.CharField(_("job title"), max_length=120, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=80, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=LeadStatus, default=LeadStatus.NEW)
    source = models.CharField(_("source"), max_length=20, choices=CustomerSource, blank=True)
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, blank=True, related_name="+")
    next_contact_on = models.DateField(_("next contact"), null=True, blank=True)
    external_id = models.CharField(_("external number"), max_length=64, blank=True)
    discard_reason = models.CharField(
        _("why discarded"), max_length=20, choices=DiscardReason, blank=True, editable=False
    )
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    # What it has become.
    converted_at = models.DateTimeField(_("converted"), null=True, editable=False)
    converted_by = MemberForeignKey(verbose_name=_("converted by"), null=True, editable=False, related_name="+")
    customer = TenantForeignKey(
        Customer,
        models.CASCADE,
        cascade=True,
        null=True,
        editable=False,
        related_name="leads",
        verbose_name=_("customer"),
    )
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, editable=False, related_name="leads", verbose_name=_("contact")
    )
    deal = TenantForeignKey(
        Deal, models.SET_NULL, null=True, editable=False, related_name="leads", verbose_name=_("deal")
    )

    objects = TenantManager.from_queryset(LeadQuerySet)()

    class Meta:
        verbose_name = _("lead")
        verbose_name_plural = _("leads")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="lead_recent"),
            models.Index("tenant", "owner", models.F("updated_at").desc(), models.F("id").desc(), name="lead_owner"),
            models.Index("tenant", "status", models.F("updated_at").desc(), models.F("id").desc(), name="lead_status"),
            models.Index(fields=["tenant", "name_sort", "id"], name="lead_name"),
            models.Index(fields=["tenant", "phone"], name="lead_phone"),
            models.Index(fields=["tenant", "phone_rev"], name="lead_phone_rev"),
            models.Index(fields=["tenant", "email"], name="lead_email"),
            models.Index(fields=["tenant", "created_at", "id"], name="lead_created"),
            models.Index(
                fields=["tenant", "owner", "next_contact_on", "id"],
                name="lead_follow_up",
                condition=models.Q(status__in=OPEN),
            ),
            models.Index(
                fields=["tenant", "customer"], name="lead_customer", condition=models.Q(customer__isnull=False)
            ),
            models.Index(fields=["tenant", "contact"], name="lead_contact", condition=models.Q(contact__isnull=False)),
            models.Index(fields=["tenant", "deal"], name="lead_deal", condition=models.Q(deal__isnull=False)),
        ]
        constraints = [
            TenantView(name="sales_lead_v"),
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                name="lead_external_id",
                condition=~models.Q(external_id=""),
                violation_error_message=_("Another lead already has this external number."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_converted(self) -> bool:
        return self.status == LeadStatus.CONVERTED

    def get_absolute_url(self):
        return reverse("sales:lead_detail", args=[self.pk])


class LeadSearch(SearchEntry):
    """The words a lead is found by: the person's name and the company's."""

    tenant = tenant_key("lead_search")
    id = entry_key("lead")

    class Meta:
        db_table = "lead_search"
        verbose_name = verbose_name_plural = _("words of leads")
        indexes = entry_indexes("lead_search")
        constraints = entry_constraints("lead_search", of="sales.Lead")
