"""The customers of the demo, as those need them who invent what they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from customers.demo import NUMBER
from customers.models import Contact, Customer


@dataclass(frozen=True, slots=True)
class Known:
    """`number` is the customer's place in the demo. `contact` is the id and the name of the main contact."""

    pk: int
    number: int
    name: str
    kind: str
    stage: str
    owner_id: int | None
    phone: str
    email: str
    created_at: datetime
    contact: tuple[int, str] | None


def read_customers(numbers: range) -> dict[int, Known]:
    """{number: customer} of the invented customers with these numbers. Two statements; called in a transaction."""
    contacts = {
        customer: (pk, name)
        for pk, name, customer in Contact.objects.filter(customer__in=_rows(numbers).values("pk"), is_primary=True)
        .order_by()
        .values_list("pk", "name", "customer_id")
        .iterator()
    }
    return {known.number: known for known in _read(numbers, contacts)}


def _rows(numbers: range):
    first, last = (f"{NUMBER}{number + 1:07d}" for number in (numbers.start, numbers.stop - 1))
    return Customer.objects.filter(external_id__gte=first, external_id__lte=last)


def _read(numbers: range, contacts: dict[int, tuple[int, str]]) -> Iterator[Known]:
    fields = ("pk", "external_id", "name", "kind", "stage", "owner_id", "phone", "email", "created_at")
    for pk, external_id, *rest in _rows(numbers).values_list(*fields).iterator():
        values: tuple[Any, ...] = (*rest, contacts.get(pk))
        yield Known(pk, int(external_id.removeprefix(NUMBER)) - 1, *values)


def highest(model, prefix: str) -> int:
    """How many rows of a kind were invented before, from the external number of the last one."""
    last = (
        model.objects.filter(external_id__prefix=prefix)
        .order_by("-external_id")
        .values_list("external_id", flat=True)
        .first()
    )
    return int(last.removeprefix(prefix)) if last else 0
