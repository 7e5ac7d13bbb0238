"""The ways to the matches of a word differ in cost, never in what is found."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.access.policy import visible
from crm.pages.counts import capped_count
from crm.search import ways
from crm.search.finding import asked_for, asked_together
from crm.search.registry import search
from crm.search.ways import Share, Where, ask
from crm.tenancy.context import use_tenant
from crm.tenancy.urls import TENANT_URLCONF
from customers.models import Contact, ContactSearch, Customer, CustomerSearch
from customers.search import filter_by_search, find_customers
from tests.factories import make_contact, make_customer, make_member

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
# What makes each way be taken, and how its statement is told.
WAYS = {
    "passing": ({"MET_SOON": 0, "EVEN": 0}, "CASE WHEN vec @@"),
    "indexed": ({"MET_SOON": 99, "VERY_COMMON": 99}, "OFFSET 0) AS entry"),
    "any way": ({"MET_SOON": 99, "VERY_COMMON": 0}, "AS entry WHERE vec @@"),
}


@pytest.fixture
def customers(in_tenant, other_tenant, owner, colleague):
    for number in range(6):
        person = (owner.user, colleague.user, None)[number % 3]
        name = f"华星{number}" if number else "Blue River"
        make_customer(in_tenant, name=name, owner=person, updated_at=DAY + timedelta(days=number))
    with use_tenant(other_tenant):
        make_customer(other_tenant, name="华星9", updated_at=DAY)


def names(records) -> list[str]:
    return [str(record) for record in records]


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    thresholds, sign = WAYS[request.param]
    for name, value in thresholds.items():
        monkeypatch.setattr(ways, name, value)
    return sign


@pytest.mark.parametrize("text", ["华星", "华", "hx", "huax"])
def test_every_way_finds_the_newest_that_the_member_sees(customers, way, admin, owner, colleague, text):
    with CaptureQueriesContext(
        connection,
    ) as statements:
        found = {
            "admin": names(find_customers(admin.membership, text, 3)),
            "owner": names(find_customers(owner.membership, text, 3)),
            "colleague": names(find_customers(colleague.membership, text, 3)),
        }

    assert found == {"admin": ["华星5", "华星4", "华星3"], "owner": ["华星3"], "colleague": ["华星4", "华星1"]}
    assert [way in statement["sql"].split("= ANY", 1)[-1] for statement in statements][1::2] == [True] * 3


def test_every_way_finds_nothing_for_whoever_sees_nothing(customers, way, in_tenant):
    nobody = make_member(in_tenant, "nobody@acme.example")

    assert find_customers(nobody, "华星", 3) == []


def test_every_way_finds_what_two_words_ask_for(customers, way, owner, admin):
    assert names(find_customers(admin.membership, "blue riv", 3)) == ["Blue River"]
    assert names(find_customers(owner.membership, "blue riv", 3)) == ["Blue River"]


def test_the_newest_entries_say_how_common_a_word_is_for_the_member(
    customers, in_tenant, owner, django_assert_num_queries
):
    make_contact(Customer.objects.get(name="华星3"), name="李四")
    everything = Where(CustomerSearch, None)
    own = Where(CustomerSearch, visible(owner.membership, Customer))
    contacts = Where(ContactSearch, visible(owner.membership, Contact))

    with django_assert_num_queries(1):
        shares = ask([everything, own, contacts], asked_for("华星").value)

    assert shares == [Share(5, 5), Share(5, 1), Share(1, 1)]


@pytest.mark.urls(TENANT_URLCONF)
def test_all_kinds_are_asked_together(customers, admin, two_kinds, django_assert_num_queries):
    make_contact(Customer.objects.get(name="华星3"), name="李四")

    # Time limit, how common, customers, contacts.
    with django_assert_num_queries(4):
        groups = search(admin.membership, "华星", 5)

    assert {group.kind: len(group.hits) for group in groups} == {"customers": 5, "contacts": 1}


def test_several_words_are_left_to_the_planner(customers, admin, django_assert_num_queries):
    with asked_together(asked_for("华星 blue"), [Where(CustomerSearch, None)]), django_assert_num_queries(1):
        assert find_customers(admin.membership, "华星 blue", 5) == []


@pytest.fixture(params=["looked up", "passed one by one"])
def list_way(request, monkeypatch):
    """Whether a list is passed row by row."""
    passes = request.param == "passed one by one"
    if passes:
        monkeypatch.setattr(ways, "COMMON", 0)
        monkeypatch.setattr(ways, "MET_SOON", 0)
    return passes


def test_a_page_of_a_list_is_the_same_either_way(customers, in_tenant, list_way):
    found = filter_by_search(in_tenant.customers.all(), "huax").order_by("-updated_at", "-id")

    with CaptureQueriesContext(connection) as statements:
        page = names(found[1:3])

    assert page == ["华星4", "华星3"]
    assert ("(SELECT" in statements[0]["sql"]) is list_way


def test_a_list_is_counted_and_read_as_a_whole_without_going_row_by_row(customers, in_tenant, list_way):
    found = filter_by_search(in_tenant.customers.all(), "huax")

    with CaptureQueriesContext(connection) as statements:
        count, whole = capped_count(found), names(found.order_by("id"))

    assert (count.number, len(whole)) == (5, 5)
    assert [("EXISTS" in one["sql"], '."vec"' in one["sql"].split("EXISTS")[0]) for one in statements] == [
        (list_way, False)
    ] * 2


def test_a_list_keeps_its_other_filters_and_the_members_view(customers, in_tenant, owner, list_way):
    found = filter_by_search(visible(owner.membership, Customer), "huax")

    assert names(found.filter(updated_at__gt=DAY).order_by("-updated_at")[:9]) == ["华星3"]
    assert names(found.filter(updated_at__lt=DAY).order_by("-updated_at")[:9]) == []
