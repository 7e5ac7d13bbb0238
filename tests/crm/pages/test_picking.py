"""A field that takes one record out of very many, where no script runs: what is typed is looked for when it is sent."""

import pytest

from customers.models import Contact
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(in_tenant, admin):
    names = {"Blue River": "blue river", "Blue Ridge": "blue ridge", "张三贸易": "zhang san mao yi"}
    return {
        name: make_customer(in_tenant, name=name, name_sort=key, phone=f"1380000000{place}", owner=admin.user)
        for place, (name, key) in enumerate(names.items())
    }


def send(member, **typed):
    return member.post("contacts/new/", {"name": "Ann", **typed})


def offered(response):
    field = response.context["form"]["customer"]
    return [str(widget.data["label"]) for widget in field.subwidgets if widget.data["value"]]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("blue riv", "Blue River"),
        ("张三", "张三贸易"),
        ("zhangsan", "张三贸易"),
        ("13800000001", "Blue Ridge"),
        ("BLUE RIDGE", "Blue Ridge"),
    ],
)
def test_the_one_record_that_is_found_is_chosen(customers, admin, typed, found):
    response = send(admin, **{"customer-find": typed})

    assert response.status_code == 302
    assert Contact.objects.get().customer == customers[found]


def test_of_several_one_is_asked_for_and_what_was_typed_stays(customers, admin):
    response = send(admin, **{"customer-find": "blue"})

    assert response.status_code == 422
    assert offered(response) == ["Blue Ridge", "Blue River"]
    assert 'name="customer-find" value="blue"' in response.content.decode()
    assert not Contact.objects.exists()


def test_what_was_typed_goes_before_what_stood_in_the_choice(customers, admin):
    send(admin, **{"customer": customers["Blue Ridge"].pk, "customer-find": "Blue River"})

    assert Contact.objects.get().customer == customers["Blue River"]


def test_nothing_that_the_person_may_not_see_is_found(customers, owner):
    response = send(owner, **{"customer-find": "Blue River"})

    assert response.status_code == 422
    assert "Nothing you may see is found by “Blue River”." in response.content.decode()
    assert not Contact.objects.exists()


def test_a_filter_has_no_such_box_for_its_address_would_be_refused(customers, admin):
    page = admin.get("activities/?panel=filters").content.decode()

    assert "-find" not in page
