"""Deleting sets of rows: what goes along, and what is let go."""

import pytest
from django.db import connection

from crm.tenancy.deletion import delete_set
from customers.models import Activity, Contact, Customer
from tests.factories import make_activity, make_contact, make_customer

pytestmark = pytest.mark.django_db


def test_rows_go_with_what_their_keys_cascade_to(in_tenant):
    kept, gone = make_customer(in_tenant), make_customer(in_tenant, name="Red Hill")
    for customer in (kept, gone):
        make_activity(customer, contact=make_contact(customer))

    assert delete_set(Customer.objects.filter(pk=gone.pk)) == 1

    connection.check_constraints()
    assert [Customer.objects.get(), Contact.objects.get().customer, Activity.objects.get().customer] == [kept] * 3


def test_key_to_what_goes_along_is_emptied(in_tenant):
    """A contact that has moved is still named by a follow-up with its former customer."""
    former, present = make_customer(in_tenant), make_customer(in_tenant, name="Red Hill")
    contact = make_contact(present)
    activity = make_activity(former, contact=contact)

    delete_set(Customer.objects.filter(pk=present.pk))

    connection.check_constraints()
    activity.refresh_from_db()
    assert (activity.customer, activity.contact) == (former, None)
    assert not Contact.objects.exists()
