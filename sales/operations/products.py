"""Changes to products that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from crm.errors import ProductInUse
from crm.tenancy.deletion import delete_set

from ..models import Product, QuoteLine, Transaction


@transaction.atomic
def put_on_sale(*, products: QuerySet[Product], is_active: bool) -> int:
    """Offer products in new quotes, or no longer; returns how many changed."""
    rows = products.filter(is_active=not is_active)
    return rows.update(is_active=is_active, version=F("version") + 1, updated_at=timezone.now())


@transaction.atomic
def delete_products(*, products: QuerySet[Product], skip_used: bool = False) -> int:
    """Delete products that neither stand in a quote nor were bought: what was said and sold stays as it was.

    Raises ProductInUse for the first of the others, or (`skip_used`) leaves them alone.
    """
    # Asked beforehand, and not left to Django: it would read every line that is in the way.
    quoted = QuoteLine.objects.filter(tenant_id=OuterRef("tenant_id"), product_id=OuterRef("pk"))
    bought = Transaction.objects.filter(tenant_id=OuterRef("tenant_id"), product_id=OuterRef("pk"))
    used = set(products.filter(Exists(quoted) | Exists(bought)).order_by().values_list("pk", flat=True))
    if used and not skip_used:
        raise ProductInUse(product=Product.objects.filter(pk__in=used).order_by("name_sort", "pk")[0])
    return delete_set(products.exclude(pk__in=used))
