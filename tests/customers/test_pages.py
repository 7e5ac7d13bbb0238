"""The line a sales representative walks every day: find, open, follow up, change, hand over."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from crm.tenancy.context import use_tenant
from customers.choices import ActivityKind, CustomerStage
from customers.models import Contact, Customer, Tag
from tests.conftest import sign_in
from tests.factories import make_activity, make_contact, make_customer, make_member, make_tag

pytestmark = pytest.mark.django_db

LIST_QUERIES = 7
DETAIL_QUERIES = 9


@pytest.fixture
def customer(in_tenant, owner):
    return make_customer(in_tenant, name="Blue River Ltd", owner=owner.user)


def fields(customer, **changes):
    """What a browser sends for this customer when nothing was typed."""
    return {
        "name": customer.name,
        "kind": customer.kind,
        "stage": customer.stage,
        "owner": customer.owner_id or "",
        "version": customer.version,
        **changes,
    }


def test_list_shows_own_customers_only(owner, colleague, customer, in_tenant):
    make_customer(in_tenant, name="Red Hill Ltd", owner=colleague.user)

    page = owner.get("customers/").content.decode()

    assert "Blue River Ltd" in page
    assert "Red Hill Ltd" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_list_states_the_same_few_queries(owner, in_tenant, rows, django_assert_num_queries):
    tag = make_tag(in_tenant)
    for number in range(rows):
        customer = make_customer(in_tenant, name=f"Customer {number}", owner=owner.user)
        customer.tag_links.create(tag=tag)
    owner.get("customers/")

    with django_assert_num_queries(LIST_QUERIES):
        owner.get("customers/")


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_states_the_same_few_queries(owner, customer, rows, django_assert_num_queries):
    for number in range(rows):
        make_activity(customer, author=owner.user, contact=make_contact(customer, name=f"Ann {number}"))
    owner.get(f"customers/{customer.pk}/")

    with django_assert_num_queries(DETAIL_QUERIES):
        owner.get(f"customers/{customer.pk}/")


def test_a_new_customer_belongs_to_whoever_enters_it(owner, in_tenant):
    response = owner.post(
        "customers/new/",
        {"name": "重庆华星", "kind": "company", "stage": "prospect", "owner": owner.user.pk, "phone": "138 0000-0000"},
    )

    customer = Customer.objects.get()
    assert response.url.endswith(f"/customers/{customer.pk}/")
    assert (customer.owner, customer.created_by, customer.phone) == (owner.user, owner.user, "13800000000")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "required"),
        ("phone", "12", "3 to 20 digits"),
        ("phone", "1" * 21, "3 to 20 digits"),
        ("phone", "138 or 139", "3 to 20 digits"),
        ("email", "ann(at)example.com", "valid email"),
        ("next_contact_on", "2026-02-30", "valid date"),
        ("website", "javascript:alert(1)", "valid URL"),
        ("stage", "won", "not one of the available"),
    ],
)
def test_a_bad_value_is_named_and_what_was_typed_stays(owner, customer, field, value, words):
    response = owner.post(f"customers/{customer.pk}/edit/", fields(customer, note="Typed with care") | {field: value})

    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert "Typed with care" in page
    customer.refresh_from_db()
    assert customer.note == ""


def test_a_telephone_number_is_read_as_an_import_reads_it(owner, customer):
    owner.post(f"customers/{customer.pk}/edit/", fields(customer, phone="（010）8888-9999 转 12"))

    customer.refresh_from_db()
    assert customer.phone == "01088889999"


def test_a_short_number_that_stood_there_before_is_not_questioned(owner, customer):
    Customer.objects.filter(pk=customer.pk).update(phone="12")

    owner.post(f"customers/{customer.pk}/edit/", fields(customer, phone="12", city="Oslo"))

    customer.refresh_from_db()
    assert (customer.phone, customer.city) == ("12", "Oslo")


def test_a_taken_external_number_is_refused_in_words(owner, customer, in_tenant):
    make_customer(in_tenant, name="First", external_id="C-1")

    response = owner.post(f"customers/{customer.pk}/edit/", fields(customer, external_id="C-1"))

    assert response.status_code == 422
    assert "already has this external number" in response.content.decode()


def test_a_stale_edit_shows_both_versions_and_saves_nothing(owner, customer):
    stale = fields(customer, name="Mine")
    Customer.objects.filter(pk=customer.pk).update(name="Theirs", version=2)

    response = owner.post(f"customers/{customer.pk}/edit/", stale)

    assert response.status_code == 409
    page = response.content.decode()
    assert "Mine" in page
    assert "Theirs" in page
    customer.refresh_from_db()
    assert customer.name == "Theirs"


def test_tags_are_chosen_in_the_form(owner, customer, in_tenant):
    vip, east = make_tag(in_tenant, name="VIP"), make_tag(in_tenant, name="East")

    owner.post(f"customers/{customer.pk}/edit/", fields(customer, tags=[vip.pk, east.pk]))

    assert set(Tag.objects.filter(links__customer=customer)) == {vip, east}


def test_handing_over_needs_the_right(owner, manager, colleague, customer):
    assert owner.get(f"customers/{customer.pk}/assign/").status_code == 403

    manager.post(f"customers/{customer.pk}/assign/", {"owner": colleague.user.pk})

    customer.refresh_from_db()
    assert customer.owner == colleague.user


def test_without_the_right_to_hand_over_an_edit_keeps_the_owner(tenant, teams, owner, in_tenant):
    mate = sign_in(make_member(tenant, "mate@acme.example", "sales", team=teams["north"], scopes={"customers": "team"}))
    customer = make_customer(in_tenant, name="Blue River Ltd", owner=owner.user)

    for wanted in (mate.user.pk, ""):
        mate.post(f"customers/{customer.pk}/edit/", fields(Customer.objects.get(), owner=wanted, city=f"Oslo {wanted}"))

        customer.refresh_from_db()
        assert (customer.owner, customer.city) == (owner.user, f"Oslo {wanted}".strip())
    # What was not sent because it may not be changed is no difference to choose between.
    conflict = mate.post(f"customers/{customer.pk}/edit/", fields(customer, version=1, city="Rome") | {"owner": ""})
    assert conflict.status_code == 409
    assert [difference.name for difference in conflict.context["differences"]] == ["city"]


def test_without_the_right_to_hand_over_a_new_customer_is_ones_own_or_in_the_pool(tenant, owner, in_tenant):
    marketer = sign_in(make_member(tenant, "marketer@acme.example", "marketer"))

    sent = {"name": "From the fair", "kind": "company", "stage": "prospect"}
    refused = marketer.post("customers/new/", sent | {"owner": owner.user.pk})
    marketer.post("customers/new/", sent | {"owner": ""})

    assert refused.context["form"].errors.keys() == {"owner"}
    assert Customer.objects.get().owner is None


def test_a_reader_sees_but_does_not_change(reader, customer):
    assert reader.get(f"customers/{customer.pk}/").status_code == 200
    for address in ("edit", "delete", "assign", "follow-up"):
        assert reader.post(f"customers/{customer.pk}/{address}/").status_code == 403


def test_out_of_sight_is_not_found(colleague, customer, stranger):
    assert colleague.get(f"customers/{customer.pk}/").status_code == 404
    assert stranger.get(f"customers/{customer.pk}/").status_code == 404
    assert stranger.client.get(f"/t/acme/customers/{customer.pk}/").status_code == 404


def test_deleting_asks_first_and_takes_everything_along(manager, customer):
    make_activity(customer, contact=make_contact(customer))

    assert manager.get(f"customers/{customer.pk}/delete/").status_code == 200
    assert Customer.objects.exists()
    manager.post(f"customers/{customer.pk}/delete/")

    assert not Customer.objects.exists()
    assert not Contact.objects.exists()


def test_a_customer_gets_one_main_contact(owner, customer):
    first = make_contact(customer, name="Ann", is_primary=True)

    owner.post("contacts/new/", {"customer": customer.pk, "name": "Bob", "is_primary": "on"})

    first.refresh_from_db()
    assert not first.is_primary
    assert Contact.objects.get(name="Bob").is_primary


def test_a_customer_with_many_contacts_leads_to_all_of_them(owner, customer, in_tenant):
    make_contact(make_customer(in_tenant, name="Other", owner=owner.user), name="Stranger")
    for number in range(20):
        make_contact(customer, name=f"Ann {number:02}", name_sort=f"ann {number:02}")
    assert "All contacts" not in owner.get(f"customers/{customer.pk}/").content.decode()
    make_contact(customer, name="Zoe", name_sort="zoe")

    page = owner.get(f"customers/{customer.pk}/")
    contacts = owner.get(f"contacts/?customer={customer.pk}&sort=name")

    assert [contact.name for contact in page.context["contacts"]][-1] == "Ann 19"
    assert f"/t/acme/contacts/?customer={customer.pk}&amp;sort=name" in page.content.decode()
    assert [contact.name for contact in contacts.context["rows"].rows][-2:] == ["Ann 19", "Zoe"]
    assert len(contacts.context["rows"].rows) == 21


def test_home_shows_what_is_due_today(owner, customer):
    Customer.objects.filter(pk=customer.pk).update(next_contact_on=timezone.localdate() - timedelta(days=1))
    make_activity(customer, kind=ActivityKind.TASK, author=owner.user, text="Send samples", due_on=timezone.localdate())

    page = owner.get("?panels=all").content.decode()

    assert "Blue River Ltd" in page
    assert "Send samples" in page


def test_home_does_not_show_a_colleagues_work(colleague, owner, customer):
    Customer.objects.filter(pk=customer.pk).update(next_contact_on=timezone.localdate())

    assert "Blue River Ltd" not in colleague.get("?panels=all").content.decode()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("stage=active", {"Active Ltd"}),
        ("owner=me", {"Mine Ltd", "Active Ltd"}),
        ("owner=nobody", {"Pool Ltd"}),
        ("city=Ber", {"Pool Ltd"}),
        ("planned=yes", {"Mine Ltd"}),
        ("q=pool", {"Pool Ltd"}),
        ("stage=active&owner=nobody", set()),
    ],
)
def test_filters_of_the_list(admin, in_tenant, query, names):
    make_customer(in_tenant, name="Mine Ltd", owner=admin.user, next_contact_on=timezone.localdate())
    make_customer(in_tenant, name="Active Ltd", owner=admin.user, stage=CustomerStage.ACTIVE)
    make_customer(in_tenant, name="Pool Ltd", city="Berlin")

    page = admin.get(f"customers/?{query}").content.decode()

    assert {name for name in ("Mine Ltd", "Active Ltd", "Pool Ltd") if f">{name}</a>" in page} == names


def test_an_unknown_filter_is_refused_in_words(admin):
    response = admin.get("customers/?stgae=active")

    assert response.status_code == 400
    assert "stgae" in response.content.decode()


def test_another_tenants_customer_is_no_choice(admin, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant, name="华星客户")

    response = admin.post("contacts/new/", {"customer": theirs.pk, "name": "Eve"})

    assert response.status_code == 422
    assert "华星客户" not in response.content.decode()


@pytest.mark.parametrize(("days", "said"), [(-9, "9 days late"), (-1, "1 day late"), (0, "Today")])
def test_the_first_page_says_how_late_a_contact_is(owner, customer, days, said):
    customer.next_contact_on = timezone.localdate() + timedelta(days=days)
    customer.save()

    page = owner.get("?panels=all").content.decode()

    due = re.search(r'<time class="gx-due( gx-late)?"[^>]*>([^<]+)</time>', page)
    assert (due[2], bool(due[1])) == (said, days < 0)


def test_what_is_rarely_wanted_of_a_record_waits_in_a_menu(admin, reader, customer):
    def labels(member):
        page = member.get(f"customers/{customer.pk}/").context["page"]
        return [[button.label for button in buttons] for buttons in (page.shown_buttons(), page.menu_buttons())]

    assert labels(admin) == [["Edit"], ["Change owner", "History", "Delete"]]
    # A menu of one would only be in the way.
    assert labels(reader) == [["History"], []]
