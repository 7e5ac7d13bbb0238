from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from crm.tenancy.models import Membership
from customers.models import Customer, CustomerMonth

from .months import Months
from .reach import owners_seen


@dataclass(frozen=True, slots=True)
class NewCustomers:
    month: date
    count: int = 0


def new_customers_by_month(membership: Membership, months: Months) -> list[NewCustomers] | None:
    """By whose they are today."""
    owners = owners_seen(membership, Customer)
    if owners is None:
        return None
    rows = (
        CustomerMonth.objects.filter(owners, month__gte=months.first, month__lt=months.end)
        .order_by()
        .values_list("month")
        .annotate(n=Sum("customer_count"))
    )
    found = dict(rows)
    return [NewCustomers(month, found.get(month, 0)) for month in months]
