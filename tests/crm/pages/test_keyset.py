"""Pages by key, over every order a list may have."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from crm.pages.keyset import BadCursor, Keyset
from customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def customers(in_tenant, owner):
    """Twelve rows with equal moments, equal stages, and some without an owner or a next contact."""
    return [
        make_customer(
            in_tenant,
            name=f"C{number}",
            name_sort=f"c{number % 3}",
            stage="active" if number % 2 else "lost",
            updated_at=NOON - timedelta(days=number // 3),
            owner=owner.user if number % 4 else None,
            next_contact_on=NOON.date() + timedelta(days=number % 5) if number % 3 else None,
        )
        for number in range(12)
    ]


ORDERS = [
    ("-updated_at", "-id"),
    ("updated_at", "id"),
    ("name_sort", "id"),
    ("name_sort", "-id"),
    ("-stage", "-updated_at", "-id"),
    ("stage", "-updated_at", "-id"),
    ("-stage", "updated_at", "id"),
    ("owner", "-updated_at", "-id"),
    ("-owner", "-updated_at", "-id"),
    ("next_contact_on", "id"),
    ("-next_contact_on", "-id"),
    ("-next_contact_on", "id"),
    ("id",),
]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 2, 5, 12, 50])
def test_pages_hold_every_row_once_in_order_forward_and_back(customers, order, size):
    keyset, rows = Keyset(Customer, order), Customer.objects.all()
    expected = list(rows.order_by(*order).values_list("pk", flat=True))

    forward, page = [], keyset.page(rows, size=size)
    pages = [page]
    while page.next:
        page = keyset.page(rows, size=size, after=page.next)
        pages.append(page)
    forward = [row.pk for page in pages for row in page.rows]
    back, page = [[row.pk for row in pages[-1].rows]], pages[-1]
    while page.previous:
        page = keyset.page(rows, size=size, before=page.previous)
        back.insert(0, [row.pk for row in page.rows])

    assert forward == expected
    assert [pk for page in back for pk in page] == expected


def test_a_row_that_was_added_meanwhile_moves_nothing(customers, in_tenant):
    keyset, rows = Keyset(Customer, ("-updated_at", "-id")), Customer.objects.all()
    first = keyset.page(rows, size=4)

    make_customer(in_tenant, name="New", updated_at=NOON + timedelta(days=1))
    second = keyset.page(rows, size=4, after=first.next)

    assert not {row.pk for row in first.rows} & {row.pk for row in second.rows}
    assert [row.pk for row in keyset.page(rows, size=4, before=second.previous).rows] == [row.pk for row in first.rows]


def test_keys_of_one_direction_are_one_row_comparison(customers, django_assert_num_queries):
    keyset, rows = Keyset(Customer, ("-updated_at", "-id")), Customer.objects.all()
    first = keyset.page(rows, size=4)

    with django_assert_num_queries(1) as captured:
        keyset.page(rows, size=4, after=first.next)

    sql = captured[0]["sql"]
    assert '("customers_customer"."updated_at", "customers_customer"."id") < (' in sql
    assert "OFFSET" not in sql


def test_keys_of_mixed_directions_bound_the_first_one(customers, django_assert_num_queries):
    keyset, rows = Keyset(Customer, ("stage", "-updated_at", "-id")), Customer.objects.all()
    first = keyset.page(rows, size=4)

    with django_assert_num_queries(1) as captured:
        keyset.page(rows, size=4, after=first.next)

    assert '"customers_customer"."stage" >= \'' in captured[0]["sql"]


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "bad",
    [
        "nonsense",
        "%00",
        "é",
        "A" * 5000,
        cursor("-updated_at,-id"),
        cursor("updated_at,id", NOON.isoformat(), 3),
        cursor("-updated_at,-id", "yesterday", 3),
        cursor("-updated_at,-id", None, 3),
        cursor("-updated_at,-id", NOON.isoformat(), 10**30),
        cursor("-updated_at,-id", NOON.isoformat(), "3; DROP TABLE"),
        cursor("-updated_at,-id", NOON.isoformat(), {"a": 1}),
        cursor("-updated_at,-id", "2026-01-01T00:00:00\x00", 3),
        base64.urlsafe_b64encode(b"[" * 1200).decode(),
    ],
)
def test_a_cursor_that_does_not_fit_is_refused_before_the_database(customers, bad, django_assert_num_queries):
    keyset = Keyset(Customer, ("-updated_at", "-id"))

    with django_assert_num_queries(0), pytest.raises(BadCursor):
        keyset.page(Customer.objects.all(), size=4, after=bad)


@pytest.mark.parametrize("order", [(), ("-updated_at",), ("updated_at", "owner", "id")])
def test_an_order_that_cannot_be_paged_is_refused(order):
    with pytest.raises(ValueError, match=r"ends with its id|may be empty"):
        Keyset(Customer, order)
