"""The page for administrators, and the history of one record for whoever may see it."""

import pytest
from django.apps import apps
from django.db.models import GeneratedField
from django.utils.functional import Promise

from crm.audit.models import AuditEntry
from crm.audit.words import PLATFORM_KINDS, changes_in_words, details_in_words, is_audited
from crm.tenancy.context import use_tenant
from customers.choices import CustomerStage
from customers.models import Customer
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def changed(tenant, owner, colleague):
    """A customer of the owner, whose stage, next contact and owner have changed."""
    with use_tenant(tenant, owner.user):
        customer = make_customer(tenant, name="Blue River Ltd", owner=owner.user)
        customer.stage, customer.next_contact_on = CustomerStage.ACTIVE, "2026-03-01"
        customer.owner = colleague.user
        customer.save()
    return customer


def test_the_page_says_who_changed_what_from_what_to_what(admin, changed, owner, colleague):
    page = admin.get("audit/?kind=customers.customer&action=update").content.decode()

    assert str(owner.user) in page
    assert f"Customer #{changed.pk}" in page
    assert f"Owner: <del>{owner.user}</del> → {colleague.user}" in page
    assert "Stage: <del>Prospect</del> → Active customer" in page
    assert "Next contact: Mar 1, 2026" in page


def test_the_page_speaks_the_readers_language(admin, changed):
    admin.user.language = "zh-hans"
    admin.user.save()

    page = admin.get("audit/?kind=customers.customer&action=update")

    assert "2026年3月1日" in page.content.decode()
    assert page["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("cast", ["owner", "manager", "reader"])
def test_only_administrators_see_the_trail(request, cast, changed, admin):
    member = request.getfixturevalue(cast)
    with use_tenant(changed.tenant_id):
        entry = AuditEntry.objects.first()

    assert member.get("audit/").status_code == 403
    assert member.get(f"audit/{entry.pk}/").status_code == 404


def test_an_administrator_of_another_tenant_sees_nothing_of_it(stranger, changed):
    with use_tenant(changed.tenant_id):
        entry = AuditEntry.objects.about(changed).first()

    assert stranger.get(f"audit/{entry.pk}/").status_code == 404
    assert stranger.get(f"audit/customers.customer/{changed.pk}/").status_code == 404
    page = stranger.get("audit/?kind=customers.customer")
    assert page.status_code == 200
    assert b"Blue River" not in page.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=customers.customer", 2),
        ("kind=customers.tag", 0),
        ("kind=customers.customer&action=insert", 1),
        ("kind=customers.customer&actor={owner}", 2),
        ("kind=customers.customer&actor=nobody", 0),
        ("kind=customers.customer&object_id={pk}", 2),
        ("kind=customers.customer&object_id=99999999999999999999", 0),
        ("kind=customers.customer&at_to=2000-01-01", 0),
        ("kind=customers.customer&at_from=2000-01-01", 2),
    ],
)
def test_filters(admin, owner, changed, query, found):
    page = admin.get("audit/?" + query.format(owner=owner.user.pk, pk=changed.pk))

    assert page.status_code == 200
    assert page.content.decode().count(f"#{changed.pk}<") == found


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_takes_the_same_few_queries(admin, tenant, owner, rows, django_assert_num_queries):
    with use_tenant(tenant):
        for number in range(rows):
            make_customer(tenant, name=f"C{number}", owner=owner.user)
    admin.get("audit/")

    # Session with person, membership with tenant; a savepoint and its end; saved views, rows with their actors, the
    # persons among the values.
    with django_assert_num_queries(7):
        assert admin.get("audit/?kind=customers.customer").status_code == 200


def test_an_entry_shows_all_its_fields(admin, changed):
    with use_tenant(changed.tenant_id):
        entry = AuditEntry.objects.about(changed).get(action="insert")

    page = admin.get(f"audit/{entry.pk}/").content.decode()

    assert "<dt>Name</dt><dd>Blue River Ltd</dd>" in page
    assert f'href="{admin.get("customers/").wsgi_request.path}{changed.pk}/"' in page


def test_history_is_open_to_whoever_sees_the_record(colleague, owner, changed):
    # It is the colleague's now, and sales see their own.
    assert f"audit/customers.customer/{changed.pk}/" in colleague.get(f"customers/{changed.pk}/").content.decode()
    seen = colleague.get(f"audit/customers.customer/{changed.pk}/")

    assert seen.status_code == 200
    assert "<del>Prospect</del> → Active customer" in seen.content.decode()
    assert owner.get(f"audit/customers.customer/{changed.pk}/").status_code == 404


@pytest.mark.parametrize(
    "kind", ["customers.nothing", "nothing", "accounts.user", "audit.auditentry", "jobs.job", "a.b.c"]
)
def test_history_is_only_of_kinds_that_are_audited(admin, kind):
    assert admin.get(f"audit/{kind}/1/").status_code == 404


def test_values_are_escaped(admin, tenant):
    with use_tenant(tenant):
        customer = make_customer(tenant, name="<script>alert(1)</script>")
        Customer.objects.update(city="<b>x</b>")

    for path in ("audit/", f"audit/customers.customer/{customer.pk}/"):
        page = admin.get(path).content.decode()
        assert "<b>x</b>" not in page
        assert "<script>alert" not in page
        assert "&lt;b&gt;x&lt;/b&gt;" in page


def audited_columns():
    for model in apps.get_models():
        if is_audited(model) or model._meta.label_lower in PLATFORM_KINDS:
            skipped = {"id", "tenant", "version", "created_at", "updated_at", *getattr(model, "unaudited_fields", ())}
            yield from (
                (model, field)
                for field in model._meta.concrete_fields
                if field.name not in skipped and not isinstance(field, GeneratedField)
            )


def test_every_column_that_the_trail_may_show_has_a_name_that_is_translated():
    unnamed = [
        f"{model._meta.label}.{field.name}"
        for model, field in audited_columns()
        if not isinstance(field.verbose_name, Promise)
    ]

    assert unnamed == []


def test_changes_come_in_the_order_of_the_records_own_fields(changed):
    entry = AuditEntry(
        kind="customers.customer", changes={"city": [None, "Oslo"], "gone": [None, "x"], "name": [None, "Blue"]}
    )

    assert [change.label for change in changes_in_words(entry)] == ["Name", "City", "gone"]


def test_what_is_known_of_a_batch_is_said_in_words(changed):
    entry = AuditEntry(detail={"last_id": 9, "operation": "update", "first_id": 4, "rare": "x"})

    assert details_in_words(entry) == [
        ("What was done", "Changed"),
        ("First number", "#4"),
        ("Last number", "#9"),
        ("rare", "x"),
    ]
