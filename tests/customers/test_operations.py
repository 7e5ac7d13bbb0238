from datetime import UTC, date, datetime, timedelta

import pytest

from crm.errors import NothingToDo
from crm.tenancy.context import use_tenant
from customers.choices import ActivityKind, CustomerStage
from customers.models import Customer
from customers.operations import (
    assign_customers,
    complete_task,
    delete_activities,
    delete_customers,
    log_follow_up,
    move_customers,
    save_activity,
    set_tags,
    tag_customers,
)
from tests.factories import make_activity, make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def follow_up(customer, author, **fields):
    log_follow_up(
        customer=customer,
        author=author.user,
        **({"kind": ActivityKind.CALL, "text": "Spoke about prices.", "at": MONDAY} | fields),
    )
    customer.refresh_from_db()
    return customer


def test_a_follow_up_sets_last_and_next_contact(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner, next_contact_on=date(2026, 3, 9))

    assert (customer.last_contact_at, customer.next_contact_on) == (MONDAY, date(2026, 3, 9))
    assert customer.version == 2


def test_an_older_follow_up_does_not_turn_back_the_last_contact(in_tenant, owner):
    customer = make_customer(in_tenant, last_contact_at=MONDAY)

    follow_up(customer, owner, at=MONDAY - timedelta(days=30))

    assert customer.last_contact_at == MONDAY


@pytest.mark.parametrize(
    ("planned", "left"),
    [
        (date(2026, 3, 1), None),
        (date(2026, 3, 2), None),
        (date(2026, 3, 3), date(2026, 3, 3)),
    ],
    ids=["overdue is kept by it", "the same day is kept by it", "a later plan stays"],
)
def test_a_follow_up_keeps_what_was_planned_up_to_its_day(in_tenant, owner, planned, left):
    customer = follow_up(make_customer(in_tenant, next_contact_on=planned), owner)

    assert customer.next_contact_on == left


@pytest.mark.parametrize(
    ("planned", "stands"),
    [(date(2026, 2, 9), date(2026, 4, 1)), (date(2026, 3, 2), date(2026, 3, 2)), (date(2026, 5, 1), date(2026, 5, 1))],
    ids=["kept by a later one", "the day of the last contact", "still to come"],
)
def test_what_a_follow_up_logged_late_had_planned_may_be_kept_by_now(in_tenant, owner, planned, stands):
    customer = follow_up(make_customer(in_tenant), owner, next_contact_on=date(2026, 4, 1))

    follow_up(customer, owner, at=MONDAY - timedelta(days=30), next_contact_on=planned)

    assert customer.next_contact_on == stands


def test_a_task_is_not_a_contact(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner, kind=ActivityKind.TASK, due_on=date(2026, 3, 5))

    assert customer.last_contact_at is None


def test_only_a_task_is_due(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner, kind=ActivityKind.CALL, due_on=date(2026, 3, 5))

    assert customer.activities.get().due_on is None


def edit(activity, author, **changes):
    for name, value in changes.items():
        setattr(activity, name, value)
    save_activity(activity=activity, user=author.user)


def test_correcting_the_day_of_a_follow_up_corrects_the_last_contact(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner, at=MONDAY)
    follow_up(customer, owner, at=MONDAY + timedelta(days=300))
    mistaken = customer.activities.latest("at")

    edit(mistaken, owner, at=MONDAY + timedelta(days=3))

    customer.refresh_from_db()
    assert customer.last_contact_at == MONDAY + timedelta(days=3)


def test_a_follow_up_that_moves_takes_its_contact_to_the_other_customer(in_tenant, owner):
    wrong, right = make_customer(in_tenant, name="Wrong"), make_customer(in_tenant, name="Right")
    follow_up(wrong, owner)

    edit(wrong.activities.get(), owner, customer=right)

    assert list(Customer.objects.order_by("id").values_list("last_contact_at", flat=True)) == [None, MONDAY]


def test_a_follow_up_that_becomes_a_task_is_no_contact_any_more(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner)

    edit(customer.activities.get(), owner, kind=ActivityKind.TASK, due_on=date(2026, 3, 5))

    customer.refresh_from_db()
    assert customer.last_contact_at is None
    edit(customer.activities.get(), owner, kind=ActivityKind.NOTE)
    assert customer.activities.get().due_on is None


@pytest.mark.parametrize(
    ("stands", "then"),
    [(date(2026, 3, 9), date(2026, 3, 12)), (date(2026, 4, 1), date(2026, 4, 1))],
    ids=["as the follow-up planned it", "planned otherwise since"],
)
def test_correcting_the_next_contact_moves_what_still_stands_as_planned(in_tenant, owner, stands, then):
    customer = follow_up(make_customer(in_tenant), owner, next_contact_on=date(2026, 3, 9))
    Customer.objects.filter(pk=customer.pk).update(next_contact_on=stands)
    version = customer.version

    edit(customer.activities.get(), owner, next_contact_on=date(2026, 3, 12))

    customer.refresh_from_db()
    assert customer.next_contact_on == then
    # An edit of the customer that is open meanwhile must not turn it back.
    assert customer.version == version + (then != stands)


def test_deleting_a_follow_up_turns_the_last_contact_back(in_tenant, owner):
    customer = follow_up(make_customer(in_tenant), owner, at=MONDAY)
    follow_up(customer, owner, at=MONDAY + timedelta(days=1), next_contact_on=date(2026, 3, 9))

    assert delete_activities(activities=customer.activities.filter(at__gt=MONDAY)) == 1
    customer.refresh_from_db()
    assert (customer.last_contact_at, customer.next_contact_on) == (MONDAY, date(2026, 3, 9))

    delete_activities(activities=customer.activities.all())
    customer.refresh_from_db()
    assert customer.last_contact_at is None


def test_a_task_is_completed_once(in_tenant, owner):
    task = make_activity(make_customer(in_tenant), kind=ActivityKind.TASK)

    assert complete_task(task=task).done_at
    with pytest.raises(NothingToDo):
        complete_task(task=task)


def test_tags_become_exactly_the_given_ones(in_tenant):
    customer = make_customer(in_tenant)
    vip, east, west = (make_tag(in_tenant, name=name) for name in ("VIP", "East", "West"))
    set_tags(customer=customer, tags=[vip, east])

    set_tags(customer=customer, tags=[east, west])

    assert {link.tag for link in customer.tag_links.select_related("tag")} == {east, west}


def test_assigning_counts_only_customers_that_change_hands(in_tenant, owner, colleague):
    make_customer(in_tenant, owner=owner.user)
    make_customer(in_tenant, owner=colleague.user)
    make_customer(in_tenant)

    assert assign_customers(customers=Customer.objects.all(), owner=colleague.user) == 2
    assert {c.owner for c in Customer.objects.all()} == {colleague.user}


def test_returning_to_the_pool_takes_the_owner_off(in_tenant, owner):
    make_customer(in_tenant, owner=owner.user)

    assert assign_customers(customers=Customer.objects.all(), owner=None) == 1
    assert Customer.objects.get().owner is None


def test_moving_to_a_stage_makes_an_open_edit_stale(in_tenant):
    customer = make_customer(in_tenant)

    assert move_customers(customers=Customer.objects.all(), stage=CustomerStage.ACTIVE) == 1
    assert move_customers(customers=Customer.objects.all(), stage=CustomerStage.ACTIVE) == 0
    customer.refresh_from_db()
    assert (customer.stage, customer.version) == (CustomerStage.ACTIVE, 2)


def test_a_tag_is_put_on_once(in_tenant):
    tag, first = make_tag(in_tenant), make_customer(in_tenant)
    set_tags(customer=first, tags=[tag])
    make_customer(in_tenant, name="Second")

    assert tag_customers(customers=Customer.objects.all(), tag=tag) == 1
    assert tag.links.count() == 2
    # A form that was opened before knows nothing of the tag, and would take it off again.
    assert dict(Customer.objects.values_list("name", "version")) == {first.name: 1, "Second": 2}


def test_deleting_takes_contacts_activities_and_tags_along(in_tenant, other_tenant):
    with use_tenant(other_tenant):
        make_customer(other_tenant)
    customer = make_customer(in_tenant)
    contact = make_contact(customer)
    make_activity(customer, contact=contact)
    set_tags(customer=customer, tags=[make_tag(in_tenant)])

    assert delete_customers(customers=Customer.objects.all()) == 1

    assert [manager.count() for manager in (in_tenant.customers, in_tenant.contacts, in_tenant.activities)] == [0, 0, 0]
    with use_tenant(other_tenant):
        assert other_tenant.customers.count() == 1


def test_phone_and_email_are_stored_the_way_they_are_searched(in_tenant):
    customer = make_customer(in_tenant, name="重庆华星", phone="+86 138-0000 ０001", email=" Ann@Example.COM ")

    customer.refresh_from_db()
    assert (customer.phone, customer.phone_rev, customer.email) == ("8613800000001", "1000000083168", "ann@example.com")
    assert customer.name_sort == "chong qing hua xing"
