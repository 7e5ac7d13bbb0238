"""What customers bought, line by line, and the revenue of each day that follows from it."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.fields import tenant_key
from customers.models import Customer

from ..querysets.purchases import RevenueQuerySet, TransactionQuerySet
from .products import CURRENCY_CODE, Product


class Transaction(TenantModel):
    """A line of a purchase; a return has a negative quantity and amount. Without a customer it was a sale to somebody
    unknown: it counts as revenue, and for nobody's history."""

    customer = TenantForeignKey(
        Customer,
        models.CASCADE,
        cascade=True,
        null=True,
        blank=True,
        related_name="transactions",
        verbose_name=_("customer"),
    )
    product = TenantForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="transactions", verbose_name=_("product")
    )
    # What was bought, where it is no product of ours, or as the invoice had it.
    name = models.CharField(_("what was bought"), max_length=200, blank=True)
    at = models.DateTimeField(_("when"), default=timezone.now)
    reference = models.CharField(_("invoice number"), max_length=64, blank=True)
    quantity_milli = models.BigIntegerField(_("quantity"), default=1_000)
    # Minor units of the currency. Empty: only the amount is known.
    unit_price = models.BigIntegerField(_("unit price"), null=True, blank=True)
    amount = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY_CODE])
    city = models.CharField(_("city"), max_length=80, blank=True)
    country = models.CharField(_("country"), max_length=80, blank=True)
    external_id = models.CharField(_("external number"), max_length=64, blank=True)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(TransactionQuerySet)()

    class Meta:
        verbose_name = _("purchase")
        verbose_name_plural = _("purchases")
        indexes = [
            models.Index("tenant", models.F("at").desc(), models.F("id").desc(), name="transaction_recent"),
            # With what the sums on a customer's page need, so that they read no rows.
            models.Index(
                "tenant",
                "customer",
                models.F("at").desc(),
                models.F("id").desc(),
                name="transaction_customer",
                include=["amount", "currency"],
            ),
            models.Index(fields=["tenant", "amount", "id"], name="transaction_amount"),
            models.Index(
                fields=["tenant", "reference", "id"], name="transaction_reference", condition=~models.Q(reference="")
            ),
            models.Index(
                "tenant",
                "product",
                models.F("at").desc(),
                models.F("id").desc(),
                name="transaction_product",
                condition=models.Q(product__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                name="transaction_external_id",
                condition=~models.Q(external_id=""),
                violation_error_message=_("Another purchase already has this external number."),
            ),
        ]

    def __str__(self):
        return self.name or self.reference or str(_("Purchase"))

    @property
    def is_return(self) -> bool:
        return self.amount < 0

    def get_absolute_url(self):
        return reverse("sales:transaction_detail", args=[self.pk])


class RevenueDay(TenantModel):
    """The purchases of one day of the tenant's time zone, in one currency.

    Kept by the trigger of migration 0014. `slot` keeps writers apart who change purchases at the same time; a sum over
    rows is right, a single row says nothing.
    """

    not_audited = "Follows from the purchases, whose changes are in the trail."

    tenant = tenant_key("revenue_days")
    day = models.DateField(_("day"))
    currency = models.CharField(_("currency"), max_length=3)
    slot = models.SmallIntegerField(default=0)
    transaction_count = models.BigIntegerField(_("purchases"), default=0)
    # Returns are taken off `amount`, and stand in `returned_amount` as well, negative as they are.
    amount = models.BigIntegerField(_("revenue"), default=0)
    returned_amount = models.BigIntegerField(_("returns"), default=0)

    objects = TenantManager.from_queryset(RevenueQuerySet)()

    class Meta:
        verbose_name = _("revenue of a day")
        verbose_name_plural = _("revenue by day")
        constraints = [models.UniqueConstraint(fields=["tenant", "day", "currency", "slot"], name="revenue_day_once")]

    def __str__(self):
        return f"{self.day}: {self.amount} {self.currency}"
