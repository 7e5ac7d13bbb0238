"""Reading through tenant views: the same rows, never another tenant's, and only where it was asked for."""

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from crm.access.policy import visible
from crm.tenancy.constraints import TenantView
from crm.tenancy.context import use_tenant
from crm.tenancy.views import tenant_views, through_views
from customers.models import Contact, Customer
from tests.factories import make_contact, make_customer

pytestmark = pytest.mark.django_db


def sql_of(queryset) -> str:
    with CaptureQueriesContext(connection) as captured:
        list(queryset)
    return captured[-1]["sql"]


def test_rows_relations_filters_and_counts_are_the_same(in_tenant, owner):
    customers = [make_customer(in_tenant, name=f"C{n}", owner=owner.user) for n in range(3)]
    contact = make_contact(customers[0], name="Ann")
    marked = through_views(Customer.objects.order_by("-id"))

    assert list(marked) == customers[::-1]
    assert list(marked.filter(name__prefix="C1").select_related("owner")) == [customers[1]]
    assert marked.all()[1:].count() == 2
    assert marked.filter(contacts=contact).get() == customers[0]
    assert marked.annotate(n=Count("contacts")).values_list("n", flat=True)[2] == 1
    assert list(through_views(Contact.objects.select_related("customer"))) == [contact]


def test_every_table_of_the_statement_is_read_through_its_view(in_tenant, owner):
    marked = through_views(visible(owner.membership, Contact).select_related("customer"))

    sql = sql_of(marked)

    assert '"customers_contact_v" customers_contact' in sql
    assert '"customers_customer_v" customers_customer' in sql
    assert '"customers_customer_v" U0' in sql
    assert 'FROM "customers_contact" ' not in sql


def test_other_statements_read_the_tables(in_tenant):
    through_views(Customer.objects.all()).first()

    sql = sql_of(Customer.objects.filter(pk__in=Contact.objects.values("customer")))

    assert "_v" not in sql


def test_rows_are_locked_and_changed_in_the_table(in_tenant):
    customer = make_customer(in_tenant, name="C")
    marked = through_views(Customer.objects.filter(name="C"))

    assert list(marked.select_for_update()) == [customer]
    assert marked.update(city="X") == 1
    assert marked.delete()[0] >= 1


def test_another_tenants_rows_stay_out(in_tenant, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant, name="C")

    assert not through_views(Customer.objects.filter(pk=theirs.pk)).exists()
    for view in tenant_views().values():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {view}")
            assert cursor.fetchone() == (0,)


def test_a_view_has_all_columns_of_its_table():
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, TenantView):
                named = {column.split(" ")[0] for column in constraint.columns}
                assert named == {field.column for field in model._meta.concrete_fields}


def test_a_new_column_makes_a_new_view():
    before = TenantView(name="v", columns=("id BigAutoField()", "name CharField(100)"))

    assert before == TenantView(name="v", columns=("id BigAutoField()", "name CharField(100)"))
    assert before != TenantView(name="v", columns=("id BigAutoField()", "name CharField(200)"))
