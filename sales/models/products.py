"""What is sold."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.search.tokens import name_sort
from crm.tenancy.base import TenantManager, TenantModel
from crm.tenancy.constraints import TenantView
from crm.tenancy.fields import tenant_key

from ..querysets.products import ProductQuerySet

CURRENCY_CODE = RegexValidator(r"^[A-Z]{3}$")
# Basis points.
WHOLE = 10_000


class Product(TenantModel):
    unaudited_fields: ClassVar[tuple[str, ...]] = ("name_sort",)

    code = models.CharField(_("code"), max_length=64, blank=True)
    name = models.CharField(_("name"), max_length=200)
    name_sort = models.CharField(max_length=100, editable=False)
    category = models.CharField(_("category"), max_length=80, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    # Minor units of the currency, before tax or with it, as the tenant's quotes say.
    price = models.BigIntegerField(_("price"), null=True, blank=True, validators=[MinValueValidator(0)])
    currency = models.CharField(_("currency"), max_length=3, validators=[CURRENCY_CODE])
    # Basis points: 1300 is 13 %.
    tax_bp = models.PositiveSmallIntegerField(_("tax"), default=0, validators=[MaxValueValidator(WHOLE)])
    description = models.TextField(_("description"), max_length=4_000, blank=True)
    is_active = models.BooleanField(_("on sale"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(ProductQuerySet)()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="product_recent"),
            models.Index(fields=["tenant", "name_sort", "id"], name="product_name"),
            models.Index(fields=["tenant", "code", "id"], name="product_code_order"),
            models.Index(fields=["tenant", "price", "id"], name="product_price"),
            models.Index(fields=["tenant", "is_active", "name_sort", "id"], name="product_on_sale"),
            models.Index(fields=["tenant", "category", "name_sort", "id"], name="product_category"),
        ]
        constraints = [
            TenantView(name="sales_product_v"),
            models.UniqueConstraint(
                fields=["tenant", "code"],
                name="product_code",
                condition=~models.Q(code=""),
                violation_error_message=_("Another product already has this code."),
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_sort = name_sort(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self):
        return reverse("sales:product_detail", args=[self.pk])


class ProductSearch(SearchEntry):
    """The words a product is found by: its code and its name."""

    tenant = tenant_key("product_search")
    id = entry_key("product")

    class Meta:
        db_table = "product_search"
        verbose_name = verbose_name_plural = _("words of products")
        indexes = entry_indexes("product_search")
        constraints = entry_constraints("product_search", of="sales.Product")
