"""Changes to purchases that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.accounts.models import User
from crm.tenancy.deletion import delete_set

from ..models import Transaction


@transaction.atomic
def save_transaction(*, purchase: Transaction, user: User) -> Transaction:
    """Save what a form has filled in; the revenue of its day follows by itself."""
    if purchase.pk is None:
        purchase.created_by = user
    else:
        purchase.version += 1
    purchase.updated_at = timezone.now()
    purchase.save()
    return purchase


@transaction.atomic
def delete_transactions(*, transactions: QuerySet[Transaction]) -> int:
    return delete_set(transactions)
