"""Two layers: the manager begins at the tenant, and the database refuses the rest."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction

from crm.errors import NoTenant
from crm.tenancy.context import use_tenant
from customers.models import Contact, Customer
from tests.factories import make_contact, make_customer, make_member, make_user

pytestmark = pytest.mark.django_db


def count_by_sql(table: str = "customers_customer") -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    "touch",
    [
        lambda: list(Customer.objects.all()),
        lambda: Customer.objects.exists(),
        lambda: Customer.objects.count(),
        lambda: Customer.objects.create(name="x"),
        lambda: Customer.objects.bulk_create([Customer(name="x")]),
        lambda: Customer(name="x").save(),
        lambda: Customer.objects.filter(pk=1).update(name="x"),
        lambda: Customer.objects.filter(pk=1).delete(),
    ],
    ids=["read", "exists", "count", "create", "bulk_create", "save", "update", "delete"],
)
def test_touching_tenant_data_without_a_tenant_is_a_loud_error(touch):
    with pytest.raises(NoTenant):
        touch()


def test_manager_and_database_show_only_the_tenant_in_scope(tenant, other_tenant):
    with use_tenant(tenant):
        ours = make_customer(tenant)
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant)

        assert [*Customer.objects.all()] == [theirs]
        assert count_by_sql() == 1
        assert not Customer.objects.filter(pk=ours.pk).exists()


def test_without_a_tenant_the_database_shows_no_row(tenant):
    with use_tenant(tenant):
        make_customer(tenant)

    assert count_by_sql() == 0


def test_switching_inside_a_transaction_is_undone_at_the_end_of_the_block(tenant, other_tenant):
    with use_tenant(tenant):
        make_customer(tenant)
        with use_tenant(other_tenant):
            assert count_by_sql() == 0
        assert count_by_sql() == 1


def test_a_savepoint_rolled_back_keeps_the_tenant(tenant):
    with use_tenant(tenant):
        make_customer(tenant)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            1 / 0  # noqa: B018

        assert count_by_sql() == 1


def test_the_database_refuses_a_row_for_another_tenant(tenant, other_tenant):
    with use_tenant(tenant):
        customer = make_customer(tenant)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Customer.objects.filter(pk=customer.pk).update(tenant_id=other_tenant.pk)


def test_a_row_of_another_tenant_is_not_saved(tenant, other_tenant):
    with use_tenant(tenant), pytest.raises(ValidationError, match="cross"):
        make_customer(other_tenant)


def test_a_key_into_another_tenant_is_refused_by_the_code(tenant, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant)

    with use_tenant(tenant), pytest.raises(ValidationError, match="cross"):
        Contact(customer=theirs, name="Eve", name_sort="eve").save()


def test_a_key_into_another_tenant_is_refused_by_the_database(tenant, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant)

    with use_tenant(tenant), pytest.raises(IntegrityError), transaction.atomic():
        tenant.contacts.create(customer_id=theirs.pk, name="Eve", name_sort="eve")
        connection.check_constraints()


def test_an_owner_must_be_a_member_of_the_tenant(tenant):
    outsider = make_user("outsider@example.com")

    with use_tenant(tenant), pytest.raises(IntegrityError), transaction.atomic():
        make_customer(tenant, owner=outsider)
        connection.check_constraints()


def test_a_member_may_own(tenant):
    member = make_member(tenant, "sales@acme.example")

    with use_tenant(tenant):
        make_customer(tenant, owner=member.user)
        connection.check_constraints()


def test_joins_between_tenant_models_carry_the_tenant(in_tenant):
    sql = str(Contact.objects.select_related("customer").filter(customer__name="x").query)

    assert '"customers_contact"."tenant_id" = "customers_customer"."tenant_id"' in sql
    reverse = str(Customer.objects.filter(contacts__name="x").query)
    assert '"customers_customer"."tenant_id" = "customers_contact"."tenant_id"' in reverse


def test_forward_keys_are_scoped(tenant, other_tenant):
    with use_tenant(tenant):
        contact = make_contact(make_customer(tenant))
        contact = Contact.objects.get(pk=contact.pk)

    with pytest.raises(NoTenant):
        contact.customer  # noqa: B018
    with use_tenant(other_tenant), pytest.raises(Customer.DoesNotExist):
        contact.customer  # noqa: B018


def test_annotate_groups_by_every_column(in_tenant):
    from django.db.models import Count

    make_contact(make_customer(in_tenant))

    assert [c.n for c in Customer.objects.annotate(n=Count("contacts"))] == [1]
