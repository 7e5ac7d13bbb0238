"""What is said before something is deleted."""

import pytest

from tests.factories import make_activity, make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant, admin):
    customer = make_customer(in_tenant, owner=admin.user)
    contact = make_contact(customer)
    make_contact(customer, name="Bob", name_sort="bob")
    for number in range(3):
        make_activity(customer, contact=contact if number else None)
    customer.tag_links.create(tag=make_tag(in_tenant))
    return customer


def said(response):
    return [(str(item.label), item.count.number, item.is_kept) for item in response.context["along"]]


def test_a_customer_takes_contacts_and_follow_ups_along_and_leaves_tags(customer, admin):
    response = admin.get(f"customers/{customer.pk}/delete/")

    assert said(response) == [("Contacts", 2, False), ("Follow-ups", 3, False), ("Tags", 1, True)]
    assert f'href="/t/acme/customers/{customer.pk}/edit/"' in response.content.decode()


def test_a_contact_leaves_its_follow_ups(customer, admin):
    contact = customer.contacts.get(name="Ann Lee")

    assert said(admin.get(f"contacts/{contact.pk}/delete/")) == [("Follow-ups", 2, True)]


def test_a_tag_says_how_many_customers_lose_it(customer, admin):
    tag = customer.tag_links.get().tag

    assert said(admin.get(f"tags/{tag.pk}/delete/")) == [("Customers", 1, True)]


def test_where_nothing_goes_along_nothing_is_said(in_tenant, admin):
    lonely = make_customer(in_tenant, name="Lonely", owner=admin.user)

    assert said(admin.get(f"customers/{lonely.pk}/delete/")) == []


def test_ticked_customers_say_what_goes_along_with_all_of_them(customer, in_tenant, admin):
    other = make_customer(in_tenant, name="Other", owner=admin.user)
    make_activity(other)

    response = admin.post("lists/customers/bulk/delete/", {"ids": [customer.pk, other.pk]})

    assert said(response) == [("Contacts", 2, False), ("Follow-ups", 4, False)]
