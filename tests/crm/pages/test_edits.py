"""Create, edit, conflict, delete and act, shown with customers and tags."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import ProtectedError
from django.utils import timezone

from crm.pages.models import SubmittedForm
from crm.pages.tasks import clean_tenant
from customers.models import Customer, CustomerTag, Tag
from customers.views import TagDelete
from tests.factories import make_customer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(in_tenant, admin):
    return make_customer(in_tenant, name="Blue River", city="Oslo", industry="Paper", owner=admin.user)


def hidden_inputs(response):
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', response.content.decode())
    version = re.findall(r'name="version" value="(\d+)"', response.content.decode())
    return {name: html.unescape(value) for name, value in found} | ({"version": version[0]} if version else {})


def form_of(response):
    """What a browser would send for the page's form as it is."""
    form = response.context["form"]
    values = {bound.name: bound.field.prepare_value(bound.initial) for bound in form.visible_fields()}
    sent = {name: value for name, value in values.items() if value not in (None, False)}
    return hidden_inputs(response) | sent


def saved(customer):
    return Customer.objects.get(pk=customer.pk)


# Create


def test_creating_leads_to_the_new_record(in_tenant, admin):
    page = admin.get("customers/new/")
    response = admin.post("customers/new/", form_of(page) | {"name": "Red Hill", "kind": "company"})

    created = Customer.objects.get()
    assert response["Location"] == f"/t/acme/customers/{created.pk}/"
    assert (created.name, created.tenant_id) == ("Red Hill", in_tenant.pk)


def test_a_form_that_is_sent_twice_creates_once_and_leads_to_the_same_record(in_tenant, admin):
    data = form_of(admin.get("customers/new/")) | {"name": "Red Hill"}

    first, second = admin.post("customers/new/", data), admin.post("customers/new/", data)

    assert Customer.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_second_sending_that_would_be_refused_leads_on_too(in_tenant, admin):
    data = form_of(admin.get("tags/new/")) | {"name": "VIP", "color": "blue"}

    first, second = admin.post("tags/new/", data), admin.post("tags/new/", data)

    assert Tag.objects.count() == 1
    assert first["Location"] == second["Location"]


def test_a_refused_create_can_be_corrected_and_sent_again(in_tenant, admin):
    data = form_of(admin.get("customers/new/")) | {"name": "", "city": "Bergen"}
    refused = admin.post("customers/new/", data)
    accepted = admin.post("customers/new/", form_of(refused) | data | {"name": "Red Hill"})

    assert refused.status_code == 422
    assert 'value="Bergen"' in refused.content.decode()
    assert accepted.status_code == 302
    assert SubmittedForm.objects.get().location == accepted["Location"]


def test_somebody_elses_token_leads_nowhere(in_tenant, admin, manager):
    token = str(uuid4())
    admin.post("tags/new/", {"name": "VIP", "color": "blue", "once": token})

    response = manager.post("tags/new/", {"name": "VIP", "color": "blue", "once": token})

    assert response.status_code == 422


def test_save_and_enter_another_shows_an_empty_form(in_tenant, admin):
    data = form_of(admin.get("tags/new/")) | {"name": "VIP", "color": "blue", "again": "1"}

    assert admin.post("tags/new/", data)["Location"] == "/t/acme/tags/new/"


def test_the_address_fills_fields_of_a_new_record(in_tenant, admin, customer):
    text = admin.get(f"contacts/new/?customer={customer.pk}").content.decode()

    assert f'<option value="{customer.pk}" selected>Blue River</option>' in text


def test_nobody_creates_a_record_out_of_their_own_sight(in_tenant, manager, colleague):
    data = form_of(manager.get("customers/new/")) | {"name": "Red Hill", "owner": colleague.user.pk}
    response = manager.post("customers/new/", data)

    assert response.status_code == 422
    assert "could no longer see" in response.content.decode()
    assert not Customer.objects.exists()


# Refusals


def test_what_is_wrong_is_summed_up_and_each_leads_to_its_field(customer, admin):
    data = form_of(admin.get(f"customers/{customer.pk}/edit/")) | {"name": "", "email": "nonsense", "city": "Rome"}
    text = admin.post(f"customers/{customer.pk}/edit/", data).content.decode()

    assert '<a href="#id_name">Name</a>' in text
    assert '<a href="#id_email">E-mail</a>' in text
    assert 'aria-describedby="id_email_error"' in text
    assert 'value="nonsense"' in text
    assert 'value="Rome"' in text
    assert saved(customer).city == "Oslo"


@pytest.mark.parametrize("page", ["", "edit/", "delete/", "assign/"])
def test_another_tenants_record_does_not_exist(customer, stranger, page):
    assert stranger.get(f"customers/{customer.pk}/{page}").status_code == 404
    assert stranger.post(f"customers/{customer.pk}/{page}", {"name": "x"}).status_code in (404, 405)
    assert saved(customer).name == "Blue River"


@pytest.mark.parametrize("page", ["", "edit/", "delete/", "assign/"])
def test_a_record_out_of_sight_does_not_exist_either(customer, owner, page):
    assert owner.get(f"customers/{customer.pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["edit/", "delete/", "assign/", "new/"])
def test_what_one_may_see_but_not_do_is_forbidden(customer, reader, page):
    address = "customers/new/" if page == "new/" else f"customers/{customer.pk}/{page}"

    assert reader.get(f"customers/{customer.pk}/").status_code == 200
    assert reader.get(address).status_code == 403
    assert reader.post(address, {"name": "x"}).status_code == 403


def test_choices_stay_inside_the_tenant(customer, admin, stranger):
    data = form_of(admin.get(f"customers/{customer.pk}/edit/")) | {"owner": stranger.user.pk}
    response = admin.post(f"customers/{customer.pk}/edit/", data)

    assert response.status_code == 422
    assert stranger.user.email not in response.content.decode()
    assert saved(customer).owner_id == admin.user.pk


def test_an_owner_who_left_stays_when_something_else_is_changed(customer, admin, manager):
    manager.membership.is_active = False
    manager.membership.save()
    Customer.objects.filter(pk=customer.pk).update(owner=manager.user)

    data = form_of(admin.get(f"customers/{customer.pk}/edit/")) | {"city": "Rome"}
    admin.post(f"customers/{customer.pk}/edit/", data)

    assert (saved(customer).city, saved(customer).owner_id) == ("Rome", manager.user.pk)


# Conflict


def test_an_edit_raises_the_version_by_one(customer, admin):
    data = form_of(admin.get(f"customers/{customer.pk}/edit/")) | {"city": "Rome"}
    response = admin.post(f"customers/{customer.pk}/edit/", data)

    assert response.status_code == 302
    assert (saved(customer).city, saved(customer).version) == ("Rome", customer.version + 1)


def conflict(customer, mine, theirs, first, second):
    """`first` opens the form, `second` saves `theirs`, then `first` sends `mine`."""
    address = f"customers/{customer.pk}/edit/"
    opened = form_of(first.get(address))
    second.post(address, form_of(second.get(address)) | theirs)
    return first.post(address, opened | mine)


def test_a_stale_edit_shows_both_versions_and_saves_nothing(customer, admin, manager):
    response = conflict(customer, {"city": "Rome", "name": "Blue Lake"}, {"city": "Paris"}, admin, admin)

    found = {item.name: item for item in response.context["differences"]}
    assert response.status_code == 409
    assert {name: (item.mine, item.theirs, item.choice, item.is_both) for name, item in found.items()} == {
        "name": ("Blue Lake", "Blue River", "mine", False),
        "city": ("Rome", "Paris", "mine", True),
    }
    assert (saved(customer).city, saved(customer).name) == ("Paris", "Blue River")


def test_what_only_the_other_one_changed_is_kept_unless_chosen_otherwise(customer, admin):
    response = conflict(customer, {"city": "Rome"}, {"industry": "Steel"}, admin, admin)

    found = {item.name: (item.mine, item.theirs, item.choice) for item in response.context["differences"]}
    assert found == {"city": ("Rome", "Oslo", "mine"), "industry": ("Paper", "Steel", "theirs")}


def test_the_choice_field_by_field_is_saved(customer, admin):
    response = conflict(
        customer, {"city": "Rome", "industry": "Glass"}, {"city": "Paris", "industry": "Steel"}, admin, admin
    )

    data = hidden_inputs(response) | {"keep-city": "theirs", "keep-industry": "mine"}
    chosen = admin.post(f"customers/{customer.pk}/edit/", data)

    assert chosen.status_code == 302
    assert (saved(customer).city, saved(customer).industry) == ("Paris", "Glass")


def test_a_third_change_while_choosing_is_a_conflict_again(customer, admin):
    response = conflict(customer, {"city": "Rome"}, {"city": "Paris"}, admin, admin)
    data = hidden_inputs(response) | {"keep-city": "mine"}
    address = f"customers/{customer.pk}/edit/"
    admin.post(address, form_of(admin.get(address)) | {"city": "Lima"})

    again = admin.post(address, data)

    assert again.status_code == 409
    assert [(item.mine, item.theirs) for item in again.context["differences"]] == [("Rome", "Lima")]


def test_an_edit_that_does_not_say_its_version_overwrites_nothing(customer, admin):
    response = admin.post(f"customers/{customer.pk}/edit/", {"name": "Blue Lake", "kind": "company", "stage": "active"})

    assert response.status_code == 409
    assert saved(customer).name == "Blue River"


def test_a_value_that_is_wrong_as_well_as_stale_is_not_lost(customer, admin):
    response = conflict(customer, {"email": "nonsense"}, {"city": "Paris"}, admin, admin)

    assert ("email", "nonsense") in [(item.name, item.mine) for item in response.context["differences"]]


# Delete


def test_deleting_asks_first_and_leads_to_the_list(customer, admin):
    asked = admin.get(f"customers/{customer.pk}/delete/")
    response = admin.post(f"customers/{customer.pk}/delete/")

    assert "Delete customer “Blue River”?" in asked.content.decode()
    assert response["Location"] == "/t/acme/customers/"
    assert not Customer.objects.exists()


def test_a_refused_delete_names_what_is_in_the_way_and_counts_what_one_may_not_see(
    in_tenant, customer, owner, admin, monkeypatch
):
    tag, hers = make_tag(in_tenant), make_customer(in_tenant, name="Her own", owner=owner.user)
    links = [CustomerTag.objects.create(tag=tag, customer=each) for each in (customer, hers)]

    def refuse(page, obj):
        raise ProtectedError("in use", {customer, hers, *links})

    monkeypatch.setattr(TagDelete, "delete", refuse)
    admin.membership.scopes = {"customers": "own"}
    admin.membership.save()
    response = admin.post(f"tags/{tag.pk}/delete/")

    groups = {
        group.kind: ([str(record) for record in group.records], group.others)
        for group in response.context["in_the_way"]
    }
    assert response.status_code == 409
    assert groups == {"Customers": (["Blue River"], 1), "Tags of customers": ([], 2)}
    assert "Her own" not in response.content.decode()
    assert Tag.objects.filter(pk=tag.pk).exists()


# Act


def test_an_action_asks_what_it_needs_and_does_one_thing(customer, admin, manager):
    asked = admin.get(f"customers/{customer.pk}/assign/")
    response = admin.post(f"customers/{customer.pk}/assign/", {"owner": manager.user.pk})

    assert 'name="owner"' in asked.content.decode()
    assert response.status_code == 302
    assert saved(customer).owner_id == manager.user.pk


def test_an_action_that_is_refused_keeps_what_was_typed(customer, admin):
    response = admin.post(f"customers/{customer.pk}/follow-up/", {"kind": "task", "text": "Ring them", "due_on": ""})

    assert response.status_code == 422
    assert "Ring them" in response.content.decode()
    assert not customer.activities.exists()


def test_tokens_of_forms_that_nobody_sends_any_more_are_forgotten(in_tenant, admin):
    old, new = (SubmittedForm.objects.create(token=uuid4(), owner=admin.user) for _ in range(2))
    SubmittedForm.objects.filter(pk=old.pk).update(sent_at=timezone.now() - timedelta(days=3))

    clean_tenant.apply(kwargs={"tenant_id": in_tenant.pk}).get()

    assert list(SubmittedForm.objects.all()) == [new]


def test_a_website_without_a_scheme_is_taken_as_https(customer, admin):
    data = form_of(admin.get(f"customers/{customer.pk}/edit/")) | {"website": "blue.example"}
    admin.post(f"customers/{customer.pk}/edit/", data)

    assert saved(customer).website == "https://blue.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202eBlue\u202c River\u200b", "Blue River"),
        ("张三\u3000丰\ufeff", "张三 丰"),
        ("خانه\u200cها", "خانه\u200cها"),
        ("👨\u200d👩\u200d👧 שלום", "👨\u200d👩\u200d👧 שלום"),
    ],
    ids=["copied along", "wide blank", "joiner of a word", "joiners of an emoji"],
)
def test_what_came_along_unseen_is_left_out(in_tenant, admin, typed, kept):
    admin.post("customers/new/", form_of(admin.get("customers/new/")) | {"name": typed, "external_id": f"{typed} 1"})

    customer = Customer.objects.get()
    assert (customer.name, customer.external_id) == (kept, f"{kept} 1")


def test_a_name_of_which_nothing_is_to_be_seen_is_refused(in_tenant, admin):
    response = admin.post("customers/new/", form_of(admin.get("customers/new/")) | {"name": "\u200b\u200d\u202e"})

    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"name"}
