"""Columns, saved views, bulk actions, picking: what every list has beside it."""

import json
import re

import pytest
from django.http import QueryDict

from crm.jobs import run_job
from crm.jobs.models import Job
from crm.pages import bulk
from crm.pages.models import SavedView
from crm.pages.registry import list_pages
from crm.pages.views import tools
from customers.choices import CustomerStage
from customers.models import Customer, Tag
from tests.factories import make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(in_tenant, owner, admin):
    return [
        make_customer(in_tenant, name=f"Customer {number}", owner=(owner if number % 2 else admin).user)
        for number in range(6)
    ]


def labels(response):
    return re.findall(r'<th scope="col"[^>]*>\s*(?:<a[^>]*>)?([^<]+)', response.content.decode())


# Columns


def test_chosen_columns_are_kept_for_the_person_and_the_kind(customers, admin, manager):
    make_contact(customers[0])
    admin.post("lists/customers/columns/", {"columns": ["email", "city"]})

    assert [label.strip() for label in labels(admin.get("customers/"))] == ["Name", "E-mail", "City"]
    assert "Stage" in str(labels(manager.get("customers/")))
    assert "E-mail" in str(labels(admin.get("contacts/")))


def test_the_columns_as_delivered_come_back(customers, admin):
    before = labels(admin.get("customers/"))
    admin.post("lists/customers/columns/", {"columns": ["email"]})
    admin.post("lists/customers/columns/", {"reset": "1"})

    assert labels(admin.get("customers/")) == before
    assert not SavedView.objects.exists()


def test_unknown_columns_are_left_out_and_the_way_back_stays_on_the_list(customers, admin):
    data = {"columns": ["city", "owner__password"], "query": "stage=lost&next=https://evil.example"}
    response = admin.post("lists/customers/columns/", data)

    assert SavedView.objects.get().columns == ["city"]
    assert response["Location"] == "/t/acme/customers/?stage=lost&next=https%3A%2F%2Fevil.example"


def test_a_hidden_columns_records_are_not_fetched(customers, admin, django_assert_num_queries):
    admin.post("lists/customers/columns/", {"columns": ["city"]})
    admin.get("customers/")

    # Without owner and tags: as in test_lists, less the two for the tags.
    with django_assert_num_queries(6) as captured:
        admin.get("customers/")

    rows = next(query["sql"] for query in captured if 'FROM "customers_customer"' in query["sql"])
    assert "accounts_user" not in rows


# Saved views


def save_view(member, **fields):
    data = {"name": "Mine", "visibility": "own", "query": "stage=lost&sort=name", "columns": ["city"]} | fields
    return member.post("lists/customers/views/", data)


def test_a_saved_view_keeps_filters_order_and_columns(customers, admin):
    response = save_view(admin)

    view = SavedView.objects.get()
    assert (view.query, view.columns, view.owner_id) == ("stage=lost&sort=name", ["city"], admin.user.pk)
    assert response["Location"] == f"/t/acme/customers/?stage=lost&sort=name&view={view.pk}"
    assert [label.strip() for label in labels(admin.get(f"customers/?sort=name&view={view.pk}"))] == ["Name", "City"]


def test_an_own_view_is_seen_by_nobody_else_a_shared_one_by_its_circle(
    customers, in_tenant, teams, owner, manager, admin
):
    SavedView.objects.create(kind="customers", name="Manager's own", owner=manager.user)
    SavedView.objects.create(
        kind="customers", name="For the north", owner=manager.user, visibility="team", team_id=teams["north"].pk
    )
    SavedView.objects.create(kind="customers", name="For all", owner=manager.user, visibility="all")
    SavedView.objects.create(kind="contacts", name="Another list", owner=manager.user, visibility="all")

    def seen(member):
        text = member.get("customers/").content.decode()
        return [
            name
            for name in ("Manager's own", "For the north", "For all", "Another list")
            if name.replace("'", "&#x27;") in text
        ]

    assert seen(manager) == ["Manager's own", "For the north", "For all"]
    assert seen(owner) == ["For the north", "For all"]
    assert seen(admin) == ["For all"]


def test_only_administrators_and_managers_share_with_everybody(customers, owner, manager):
    refused = save_view(owner, visibility="all")
    save_view(manager, visibility="all")

    assert refused.status_code == 422
    assert SavedView.objects.get().owner_id == manager.user.pk


def test_a_new_default_takes_the_place_of_the_old_one(customers, admin):
    save_view(admin, name="First", is_default="on")
    save_view(admin, name="Second", is_default="on")

    assert SavedView.objects.get(is_default=True).name == "Second"


def test_a_view_is_changed_and_deleted_by_its_owner_only(customers, manager, owner):
    save_view(manager, visibility="all")
    view = SavedView.objects.get()
    address = f"lists/customers/views/{view.pk}/"

    assert owner.get(address).status_code == 403
    assert owner.post(address, {"delete": "1"}).status_code == 403
    manager.post(address, {"name": "Renamed", "visibility": "own", "version": view.version})
    view.refresh_from_db()
    assert (view.name, view.visibility) == ("Renamed", "own")
    assert owner.get(address).status_code == 404
    manager.post(address, {"delete": "1"})
    assert not SavedView.objects.exists()


def test_a_view_that_somebody_else_changed_meanwhile_is_not_overwritten_unasked(customers, manager, admin):
    save_view(manager, visibility="all")
    view = SavedView.objects.get()
    address = f"lists/customers/views/{view.pk}/"
    sent = {"name": "Mine", "visibility": "all", "version": admin.get(address).context["form"]["version"].value()}
    manager.post(address, {"name": "Theirs", "visibility": "all", "version": view.version})

    refused = admin.post(address, sent)

    view.refresh_from_db()
    assert (refused.status_code, view.name) == (422, "Theirs")
    assert "Somebody has changed this view" in refused.content.decode()
    shown = refused.context["form"]
    assert shown["name"].value() == "Mine"
    admin.post(address, sent | {"version": shown["version"].value()})
    view.refresh_from_db()
    assert view.name == "Mine"


def test_another_tenants_view_does_not_exist(customers, admin, stranger):
    save_view(admin, visibility="all")

    assert stranger.get(f"lists/customers/views/{SavedView.objects.get().pk}/").status_code == 404


def test_a_view_with_a_filter_the_list_does_not_know_is_not_kept(customers, admin):
    assert save_view(admin, query="nonsense=1").status_code == 400
    assert not SavedView.objects.exists()


# Bulk actions


def test_a_view_with_filters_that_are_too_long_to_keep_says_so_and_keeps_the_name(customers, admin):
    response = admin.post(
        "lists/customers/views/", {"name": "Everything", "visibility": "own", "query": f"city={'北' * 900}"}
    )

    assert response.status_code == 422
    assert "too long to be kept" in response.content.decode()
    assert response.context["form"]["name"].value() == "Everything"


def test_ticked_rows_are_asked_about_and_then_changed(customers, admin):
    ids = [customers[0].pk, customers[1].pk]
    asked = admin.post("lists/customers/bulk/move/", {"ids": ids})
    done = admin.post("lists/customers/bulk/move/", {"ids": ids, "confirmed": "1", "stage": "lost"})

    assert "2 entries" in asked.content.decode()
    assert done["Location"] == "/t/acme/customers/"
    assert set(Customer.objects.filter(stage="lost").values_list("pk", flat=True)) == set(ids)


def test_rows_out_of_sight_are_left_alone_even_when_named(customers, owner, stranger):
    data = {"ids": [each.pk for each in customers], "confirmed": "1", "stage": "lost"}
    owner.post("lists/customers/bulk/move/", data)
    stranger.post("lists/customers/bulk/move/", data)

    assert {each.owner_id for each in Customer.objects.filter(stage="lost")} == {owner.user.pk}


def test_all_that_match_is_what_the_filter_finds(customers, admin):
    data = {"all": "1", "query": f"owner={admin.user.pk}", "confirmed": "1", "stage": "lost"}
    admin.post("lists/customers/bulk/move/", data)

    assert {each.owner_id for each in Customer.objects.filter(stage="lost")} == {admin.user.pk}


def test_an_action_that_changes_what_the_filter_asks_for_reaches_every_row(customers, admin, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    data = {"all": "1", "query": "stage=prospect", "confirmed": "1", "stage": "lost"}
    admin.post("lists/customers/bulk/move/", data)

    assert Customer.objects.filter(stage="lost").count() == 6


def test_nothing_ticked_is_said(customers, admin):
    response = admin.post("lists/customers/bulk/move/", {"ids": ["x", "-1"]})

    assert response.status_code == 400
    assert "No rows were chosen" in response.content.decode()


def test_a_refused_input_keeps_the_rows(customers, admin):
    response = admin.post(
        "lists/customers/bulk/move/", {"ids": [customers[0].pk], "confirmed": "1", "stage": "nonsense"}
    )

    assert response.status_code == 422
    assert f'name="ids" value="{customers[0].pk}"' in response.content.decode()


@pytest.mark.parametrize("verb", ["move", "delete"])
def test_a_bulk_action_needs_its_right(customers, reader, verb):
    data = {"ids": [customers[0].pk], "confirmed": "1", "stage": "lost"}

    assert reader.post(f"lists/customers/bulk/{verb}/", data).status_code == 403
    assert Customer.objects.filter(stage="prospect").count() == 6


def test_many_rows_are_a_job_that_goes_on_where_it_was_killed(customers, admin, in_tenant, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    monkeypatch.setattr(tools, "AT_ONCE", 3)
    tag = make_tag(in_tenant)
    response = admin.post("lists/customers/bulk/tag/", {"all": "1", "query": "", "confirmed": "1", "tag": tag.pk})
    job = Job.objects.get()
    # What a killed attempt leaves behind: its first batch, committed with its place.
    Job.objects.filter(pk=job.pk).update(
        checkpoint={"last": customers[1].pk, "count": 6, "outcome": {"seen": 2, "changed": 2, "refused": 0}}
    )
    job.refresh_from_db()

    run_job(job)

    job.refresh_from_db()
    assert response["Location"] == f"/t/acme/jobs/{job.pk}/"
    assert (job.state, job.done, job.total) == ("succeeded", 6, 6)
    tagged = Tag.objects.get().links.values_list("customer_id", flat=True)
    assert set(tagged) == {each.pk for each in customers[2:]}


# Pick and export


def test_a_field_that_picks_offers_what_the_member_sees(customers, owner, admin, stranger):
    def offered(member, text):
        return [item["text"] for item in json.loads(member.get(f"lists/customers/pick/?q={text}").content)["items"]]

    assert offered(admin, "customer 1") == ["Customer 1"]
    assert offered(owner, "customer") == ["Customer 1", "Customer 3", "Customer 5"]
    assert offered(stranger, "customer") == []


@pytest.mark.parametrize("address", ["pick/", "columns/", "views/", "export/", "bulk/move/"])
def test_a_kind_that_is_none_does_not_exist(in_tenant, admin, address):
    method = admin.get if address == "pick/" else admin.post

    assert method(f"lists/nonsense/{address}").status_code == 404


def test_a_task_reads_the_same_rows_as_the_page(customers, owner):
    page = list_pages["customers"].for_member(owner.membership)
    listing = page.listing(QueryDict("stage=prospect&sort=name"), columns=["owner", "stage"])

    rows = listing.table.with_related(listing.rows).order_by(*listing.order)
    exported = [[column.export(row) for column in listing.table.shown] for row in rows]

    stage = CustomerStage.PROSPECT.label
    assert exported == [[f"Customer {number}", "sales@acme.example", stage] for number in (1, 3, 5)]


def test_a_list_without_the_right_to_export_cannot_be_exported(customers, owner):
    assert owner.post("lists/customers/export/", {"format": "csv"}).status_code == 403
