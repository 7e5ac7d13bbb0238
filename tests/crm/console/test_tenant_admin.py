"""The administrator's admin: every tenant model, this tenant's rows alone, and every change in the trail."""

import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.test import Client

from crm.audit.models import AuditEntry
from crm.console.lists import CappedPaginator, leading_fields
from crm.console.sites import operator_site, tenant_site
from crm.tenancy.base import TenantModel
from crm.tenancy.context import use_tenant
from customers.models import Contact, Customer, Tag
from tests.factories import make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel) and not model._meta.proxy]


def address(model, *rest) -> str:
    return "/".join(["admin", model._meta.app_label, model._meta.model_name, *map(str, rest), ""])


def form_of(page) -> dict[str, str]:
    """What a browser would send back unchanged."""
    return {bound.html_name: bound.value() for bound in page.context["adminform"].form if bound.value() is not None}


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_every_tenant_model_has_its_list(admin, model):
    assert admin.get(address(model)).status_code == 200


def test_no_tenant_model_is_in_the_operators_admin():
    assert [model for model in TENANT_MODELS if operator_site.is_registered(model)] == []
    assert [model for model in tenant_site._registry if not issubclass(model, TenantModel)] == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.label)
def test_what_the_trail_does_not_record_or_operations_settle_nobody_adds_by_hand(admin, model):
    answer = admin.get(address(model, "add"))

    assert answer.status_code == (403 if model.not_audited or model.settled_fields else 200)


@pytest.mark.parametrize("cast", ["owner", "manager", "reader"])
def test_only_administrators_come_in(request, cast):
    member = request.getfixturevalue(cast)

    assert member.get("admin/").status_code == 403
    assert member.get(address(Customer)).status_code == 403


def test_who_is_not_signed_in_is_led_to_the_accounts(tenant):
    answer = Client().get("/t/acme/admin/")

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/t/acme/admin/")


def test_the_first_page_names_the_models_and_not_djangos_log(admin, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        page = admin.get("admin/").content.decode()

    assert "/t/acme/admin/customers/customer/" in page
    assert "/t/acme/audit/" in page
    assert "django_admin_log" not in page


def test_rows_of_another_tenant_are_not_there(admin, stranger, tenant, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant, name="Secret Partner", phone="12345")
    with use_tenant(tenant):
        make_customer(tenant, name="Ours")

    assert "Secret Partner" not in admin.get(address(Customer)).content.decode()
    assert "Secret Partner" not in admin.get(address(Customer) + f"?q={theirs.pk}").content.decode()
    for rest in ("change", "delete", "history"):
        assert admin.get(address(Customer, theirs.pk, rest)).status_code == 404
    assert admin.post(address(Customer, theirs.pk, "delete"), {"post": "yes"}).status_code == 404
    with use_tenant(other_tenant):
        assert Customer.objects.filter(pk=theirs.pk).exists()


def test_forms_offer_only_the_tenants_own(admin, owner, stranger, tenant, other_tenant):
    with use_tenant(other_tenant):
        theirs = make_customer(other_tenant, name="Secret Partner")
    with use_tenant(tenant):
        ours = make_customer(tenant, name="Ours Ltd")

    page = admin.get(address(Customer, "add")).content.decode()
    assert str(owner.user) in page
    assert str(stranger.user) not in page
    found = admin.get("admin/autocomplete/?app_label=customers&model_name=contact&field_name=customer&term=")
    assert [row["id"] for row in found.json()["results"]] == [str(ours.pk)]
    refused = admin.post(address(Contact, "add"), {"name": "Eve", "customer": theirs.pk})
    assert refused.status_code == 200
    assert "customer" in refused.context["adminform"].form.errors
    taken = admin.post(
        address(Customer, "add"), {"name": "X", "kind": "company", "stage": "lost", "owner": stranger.user.pk}
    )
    assert "owner" in taken.context["adminform"].form.errors


def test_a_change_is_saved_and_in_the_trail_and_not_in_djangos_log(admin, tenant):
    with use_tenant(tenant):
        customer = make_customer(tenant, name="Blue River Ltd", phone="123")
    sent = form_of(admin.get(address(Customer, customer.pk, "change")))

    answer = admin.post(
        address(Customer, customer.pk, "change"), sent | {"name": "张三丰", "phone": "+86 139-1234-5678"}
    )

    assert answer.status_code == 302
    with use_tenant(tenant):
        customer = Customer.objects.get(pk=customer.pk)
        assert (customer.name, customer.phone, customer.version) == ("张三丰", "8613912345678", 2)
        assert customer.name_sort.startswith("zhang")
        entry = AuditEntry.objects.about(customer).newest_first()[0]
        assert (entry.actor, entry.action) == (admin.user, "update")
        assert entry.changes["name"] == ["Blue River Ltd", "张三丰"]
    assert not LogEntry.objects.exists()


def test_a_stale_form_writes_over_nobody(admin, tenant):
    with use_tenant(tenant):
        customer = make_customer(tenant, name="Blue River Ltd")
    sent = form_of(admin.get(address(Customer, customer.pk, "change")))
    with use_tenant(tenant):
        Customer.objects.filter(pk=customer.pk).update(city="上海", version=2)

    answer = admin.post(address(Customer, customer.pk, "change"), sent | {"name": "Mine"})

    assert answer.status_code == 200
    assert "Somebody has changed this since you opened it." in answer.content.decode()
    with use_tenant(tenant):
        assert Customer.objects.get(pk=customer.pk).name == "Blue River Ltd"


def test_a_record_is_added_and_deleted_with_what_belongs_to_it(admin, tenant):
    added = admin.post(address(Customer, "add"), {"name": "New", "kind": "company", "stage": "prospect"})
    assert added.status_code == 302
    with use_tenant(tenant):
        customer = Customer.objects.get()
        for number in range(3):
            make_contact(customer, name=f"C{number}")

    page = admin.get(address(Customer, customer.pk, "delete")).content.decode()
    assert "Contacts: 3" in page
    admin.post(address(Customer, customer.pk, "delete"), {"post": "yes"})

    with use_tenant(tenant):
        assert not Customer.objects.exists()
        assert not Contact.objects.exists()
        assert AuditEntry.objects.filter(action="delete").count() == 4


def test_history_is_the_audit_trail(admin, tenant):
    with use_tenant(tenant):
        customer = make_customer(tenant)

    answer = admin.get(address(Customer, customer.pk, "history"))

    assert (answer.status_code, answer["Location"]) == (302, f"/t/acme/audit/customers.customer/{customer.pk}/")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("blue", 1), ("Blue River", 1), ("river", 0), ("zhang san", 1), ("张三", 1), ("1391", 1), ("ZSF@", 1),
        ("{pk}", 1), ("99999999999999999999999", 0), ("", 2),
    ],
)  # fmt: skip
def test_search_finds_by_what_the_indexes_begin_with(admin, tenant, query, found):
    with use_tenant(tenant):
        blue = make_customer(tenant, name="Blue River Ltd")
        make_customer(tenant, name="张三丰", phone="13912345678", email="zsf@wudang.example")

    page = admin.get(address(Customer) + "?q=" + query.format(pk=blue.pk))

    assert page.context["cl"].result_count == found


@pytest.mark.parametrize(("query", "found"), [("VIP", 0), ("²", 0), ("{pk}", 1)])
def test_where_no_text_is_indexed_the_search_finds_by_number(admin, tenant, query, found):
    with use_tenant(tenant):
        tag = make_tag(tenant, name="VIP")

    page = admin.get(address(Tag) + "?q=" + query.format(pk=tag.pk))

    assert page.context["cl"].result_count == found


def test_a_search_and_a_list_use_indexes(admin, tenant, django_assert_num_queries):
    fields = {field.name for field in leading_fields(Customer)}

    assert {"name_sort", "phone", "email", "stage", "owner", "updated_at"} <= fields
    model_admin = tenant_site.get_model_admin(Customer)
    assert {name.removesuffix("__prefix") for name in model_admin.search_fields} <= fields
    assert set(model_admin.list_filter) == {"stage"}


@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_takes_the_same_few_queries(admin, tenant, owner, rows, django_assert_num_queries):
    with use_tenant(tenant):
        for number in range(rows):
            make_contact(make_customer(tenant, name=f"C{number}", owner=owner.user), name=f"P{number}")
    admin.get(address(Contact))

    # Session, membership, savepoint and its end; the capped count and the rows with their customers.
    with django_assert_num_queries(6):
        admin.get(address(Contact))


@pytest.mark.parametrize(
    ("query", "status"),
    [("stage__exact=lost", 200), ("stage=lost", 200), ("city=Oslo", 400), ("name__contains=a", 400)],
)
def test_a_list_is_filtered_by_what_it_offers_and_nothing_else(admin, tenant, query, status):
    assert admin.get(f"{address(Customer)}?{query}").status_code == status


@pytest.mark.parametrize("key", ["²", "abc", "9" * 30, "{pk}"])
def test_a_form_opens_whatever_the_address_says(admin, tenant, key):
    with use_tenant(tenant):
        customer = make_customer(tenant, name="Blue River Ltd")

    page = admin.get(f"{address(Contact, 'add')}?name=Ann&customer={key.format(pk=customer.pk)}")

    assert page.status_code == 200
    assert 'value="Ann"' in page.content.decode()
    assert ("Blue River Ltd" in page.content.decode()) == (key == "{pk}")


def test_an_order_without_an_index_is_not_taken(admin, tenant):
    with use_tenant(tenant):
        make_customer(tenant)
    columns = list(tenant_site.get_model_admin(Customer).list_display)

    page = admin.get(address(Customer) + f"?o={columns.index('kind')}")

    assert set(page.context["cl"].queryset.query.order_by) == {"-pk"}


def test_the_count_ends_where_the_pages_end(in_tenant, monkeypatch):
    monkeypatch.setattr("crm.console.lists.MOST_ROWS", 2)
    for number in range(4):
        make_tag(in_tenant, name=f"T{number}")

    assert CappedPaginator(in_tenant.tags.order_by("-pk"), 1).count == 2


@pytest.mark.parametrize(("language", "words"), [("en", "All records of this tenant"), ("zh-hans", "客户")])
def test_it_speaks_both_languages(admin, language, words):
    admin.user.language = language
    admin.user.save()

    page = admin.get("admin/")

    assert words in page.content.decode()
    assert page["Content-Language"] == language


@pytest.mark.parametrize(
    "path", ["admin/", "admin/customers/customer/", "admin/customers/customer/add/", "admin/customers/contact/add/"]
)
def test_nothing_on_the_pages_breaks_the_policy(admin, path):
    page = admin.get(path).content.decode()

    assert not re.search(
        r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>\s*\S|\son\w+=|\sstyle=|javascript:", page
    )


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("admin/login/", "/t/acme/admin/"),
        ("admin/logout/", "/accounts/logout/"),
        ("admin/password_change/", "/accounts/password/change/"),
    ],
)
def test_signing_in_and_out_is_the_accounts_work(admin, path, target):
    assert admin.get(path)["Location"] == target
