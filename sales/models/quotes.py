"""Quotes: what is offered to a customer, at what price, and what came of it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.files.models import StoredFile
from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.fields import tenant_key
from customers.models import Contact, Customer

from ..choices.quotes import QuoteStatus
from ..numbering import DEFAULT_PATTERN, validate_pattern
from ..querysets.quotes import QuoteQuerySet
from ..totals import Discount, Line, Totals, totals_of
from .deals import Deal
from .products import CURRENCY_CODE, WHOLE, Product


class Quote(TenantModel):
    """`number` is `series` with the revision behind it, from the second one on. Amounts are those of the lines, kept
    with every change of them, so that lists and sums need not read lines."""

    unaudited_fields: ClassVar[tuple[str, ...]] = ("series",)

    number = models.CharField(_("number"), max_length=50, editable=False)
    series = models.CharField(max_length=40, editable=False)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1, editable=False)
    title = models.CharField(_("subject"), max_length=200, blank=True)
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="quotes", verbose_name=_("customer")
    )
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="quotes", verbose_name=_("contact")
    )
    deal = TenantForeignKey(Deal, models.SET_NULL, null=True, blank=True, related_name="quotes", verbose_name=_("deal"))
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY_CODE])
    issued_on = models.DateField(_("date"))
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    # Whether the prices of the lines contain their tax.
    is_tax_included = models.BooleanField(_("prices include tax"), default=False)
    # Off the sum of the lines: a share in basis points, or an amount.
    discount_bp = models.PositiveSmallIntegerField(_("discount in %"), default=0, validators=[MaxValueValidator(WHOLE)])
    discount_amount = models.BigIntegerField(_("discount"), default=0, validators=[MinValueValidator(0)])
    introduction = models.TextField(_("introduction"), max_length=4_000, blank=True)
    terms = models.TextField(_("terms"), max_length=8_000, blank=True)
    note = models.TextField(
        _("internal note"), max_length=10_000, blank=True, help_text=_("Not on the quote, for colleagues only.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=QuoteStatus, default=QuoteStatus.DRAFT, editable=False
    )
    net_amount = models.BigIntegerField(_("before tax"), default=0, editable=False)
    tax_amount = models.BigIntegerField(_("tax"), default=0, editable=False)
    total_amount = models.BigIntegerField(_("total"), default=0, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True, editable=False)
    sent_to = models.CharField(_("sent to"), max_length=254, blank=True, editable=False)
    decided_at = models.DateTimeField(_("answered"), null=True, editable=False)
    decision_note = models.CharField(_("what the customer said"), max_length=500, blank=True, editable=False)
    # The PDF as it was sent.
    document = TenantForeignKey(
        StoredFile, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("document")
    )
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(QuoteQuerySet)()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="quote_recent"),
            models.Index("tenant", "owner", models.F("updated_at").desc(), models.F("id").desc(), name="quote_owner"),
            models.Index("tenant", "status", models.F("updated_at").desc(), models.F("id").desc(), name="quote_status"),
            models.Index(
                "tenant", "customer", models.F("issued_on").desc(), models.F("id").desc(), name="quote_customer"
            ),
            models.Index(fields=["tenant", "issued_on", "id"], name="quote_issued"),
            models.Index(fields=["tenant", "total_amount", "id"], name="quote_total"),
            # What waits for an answer, by the day on which it ends.
            models.Index(
                fields=["tenant", "owner", "expires_on", "id"],
                name="quote_open",
                condition=models.Q(status=QuoteStatus.SENT),
            ),
            models.Index(
                fields=["tenant", "expires_on", "id"],
                name="quote_expiring",
                condition=models.Q(status=QuoteStatus.SENT),
            ),
            models.Index(fields=["tenant", "contact"], name="quote_contact", condition=models.Q(contact__isnull=False)),
            models.Index(
                "tenant",
                "deal",
                models.F("issued_on").desc(),
                models.F("id").desc(),
                name="quote_deal",
                condition=models.Q(deal__isnull=False),
            ),
            models.Index(
                fields=["tenant", "document"], name="quote_document", condition=models.Q(document__isnull=False)
            ),
        ]
        constraints = [
            TenantView(name="sales_quote_v"),
            models.UniqueConstraint(fields=["tenant", "number"], name="quote_number"),
            models.UniqueConstraint(fields=["tenant", "series", "revision"], name="quote_revision"),
            models.CheckConstraint(
                name="quote_sent_once",
                condition=models.Q(status=QuoteStatus.DRAFT, sent_at__isnull=True)
                | models.Q(~models.Q(status=QuoteStatus.DRAFT), sent_at__isnull=False),
            ),
            models.CheckConstraint(
                name="quote_one_discount",
                condition=models.Q(discount_bp=0) | models.Q(discount_amount=0),
                violation_error_message=_("Give the discount in percent or as an amount, not both."),
            ),
            models.CheckConstraint(
                name="quote_total_adds_up",
                condition=models.Q(total_amount=models.F("net_amount") + models.F("tax_amount")),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def is_draft(self) -> bool:
        return self.status == QuoteStatus.DRAFT

    @property
    def is_waiting(self) -> bool:
        """Sent, and neither answered nor replaced: a late answer counts too."""
        return self.status in (QuoteStatus.SENT, QuoteStatus.EXPIRED)

    @property
    def discount(self) -> Discount:
        return Discount(share_bp=self.discount_bp, amount=self.discount_amount)

    def totals(self, lines: list[QuoteLine]) -> Totals:
        return totals_of([line.as_line() for line in lines], self.discount, is_tax_included=self.is_tax_included)

    def get_absolute_url(self):
        return reverse("sales:quote_detail", args=[self.pk])


class QuoteLine(TenantModel):
    """A product at a price, or free text at one. What was written stays when the product changes its name."""

    quote = TenantForeignKey(Quote, models.CASCADE, cascade=True, related_name="lines", verbose_name=_("quote"))
    pos = models.PositiveSmallIntegerField(_("place"), default=0)
    product = TenantForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="quote_lines", verbose_name=_("product")
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    quantity_milli = models.BigIntegerField(_("quantity"), default=1_000)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    unit_price = models.BigIntegerField(_("unit price"), default=0)
    discount_bp = models.PositiveSmallIntegerField(_("discount in %"), default=0, validators=[MaxValueValidator(WHOLE)])
    tax_bp = models.PositiveSmallIntegerField(_("tax"), default=0, validators=[MaxValueValidator(WHOLE)])
    # After the line's own discount, before the quote's.
    amount = models.BigIntegerField(_("amount"), default=0, editable=False)

    class Meta:
        verbose_name = _("line of a quote")
        verbose_name_plural = _("lines of quotes")
        indexes = [
            models.Index(fields=["tenant", "quote", "pos", "id"], name="quote_line_order"),
            models.Index(
                fields=["tenant", "product"], name="quote_line_product", condition=models.Q(product__isnull=False)
            ),
        ]

    def __str__(self):
        return self.name

    def as_line(self) -> Line:
        return Line(self.quantity_milli, self.unit_price, self.discount_bp, self.tax_bp)


class QuoteCounter(TenantModel):
    """The last number of each period. Taken under lock in the transaction of the quote that gets it: no gaps."""

    not_audited = "Follows from the numbers of the quotes, which are in the trail."

    tenant = tenant_key("quote_counters")
    # The number without its counter: "Q-2026-".
    period = models.CharField(max_length=40)
    last = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("counter of quotes")
        verbose_name_plural = _("counters of quotes")
        constraints = [models.UniqueConstraint(fields=["tenant", "period"], name="quote_counter_period")]

    def __str__(self):
        return f"{self.period}: {self.last}"


class QuoteSettings(TenantModel):
    """How a tenant's quotes begin, and what stands in their letterhead. One row for a tenant."""

    tenant = tenant_key("quote_settings")
    number_pattern = models.CharField(
        _("number"), max_length=40, default=DEFAULT_PATTERN, validators=[validate_pattern]
    )
    validity_days = models.PositiveSmallIntegerField(
        _("valid for days"), default=30, validators=[MinValueValidator(1), MaxValueValidator(3_650)]
    )
    tax_bp = models.PositiveSmallIntegerField(_("usual tax"), default=0, validators=[MaxValueValidator(WHOLE)])
    is_tax_included = models.BooleanField(_("prices include tax"), default=False)
    introduction = models.TextField(_("introduction"), max_length=4_000, blank=True)
    terms = models.TextField(_("terms"), max_length=8_000, blank=True)
    company_name = models.CharField(_("company name"), max_length=200, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    tax_number = models.CharField(_("tax number"), max_length=40, blank=True)
    bank_account = models.CharField(_("bank account"), max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("settings of quotes")
        verbose_name_plural = _("settings of quotes")
        constraints = [models.UniqueConstraint(fields=["tenant"], name="quote_settings_once")]

    def __str__(self):
        return str(_("Settings of quotes"))


class QuoteSearch(SearchEntry):
    """The words a quote is found by: its subject and its customer's name. By its number it is found without them."""

    tenant = tenant_key("quote_search")
    id = entry_key("quote")

    class Meta:
        db_table = "quote_search"
        verbose_name = verbose_name_plural = _("words of quotes")
        indexes = entry_indexes("quote_search")
        constraints = entry_constraints("quote_search", of="sales.Quote")
