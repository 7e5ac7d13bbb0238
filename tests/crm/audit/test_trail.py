"""What a change of a row leaves in the trail, whoever makes it and however many rows it touches."""

import pytest
from django.db import connection, transaction
from django.db.models import F

from crm.audit.choices import Action
from crm.audit.models import AuditEntry
from crm.audit.trail import history, record
from crm.tenancy.context import use_tenant
from customers.models import Customer
from tests.factories import make_activity, make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db


def entries(**conditions):
    return list(AuditEntry.objects.filter(**conditions).order_by("id"))


def forget(model=None):
    """Where the trail stands now, to look only at what follows."""
    last = AuditEntry.objects.order_by("-id").first()
    return {"id__gt": last.pk if last else 0} | ({"kind": model._meta.label_lower} if model else {})


def test_a_new_row_is_written_with_its_values_and_its_author(tenant, owner):
    with use_tenant(tenant, owner.user):
        customer = make_customer(tenant, name="Blue River Ltd", city="上海")

        (entry,) = entries(kind="customers.customer")
        assert (entry.action, entry.object_id, entry.actor) == (Action.INSERT, customer.pk, owner.user)
        assert entry.changes["name"] == [None, "Blue River Ltd"]
        assert entry.changes["city"] == [None, "上海"]
        # Empty values, and what follows from other fields, are left out.
        assert not {"note", "owner_id", "name_sort", "phone_rev", "updated_at", "version", "id"} & set(entry.changes)


def test_a_change_is_written_from_to_and_only_what_changed(tenant, owner):
    with use_tenant(tenant, owner.user):
        customer = make_customer(tenant, city="上海")
        mark = forget()
        customer.city, customer.owner, customer.version = "北京", owner.user, 2
        customer.save()

        (entry,) = entries(**mark)
        assert entry.action == Action.UPDATE
        assert entry.changes == {"city": ["上海", "北京"], "owner_id": [None, owner.user.pk]}


def test_a_change_of_noise_alone_leaves_nothing(in_tenant):
    customer = make_customer(in_tenant)
    mark = forget()

    customer.save()
    Customer.objects.update(version=F("version") + 1, name_sort="x")

    assert entries(**mark) == []


def test_a_deletion_keeps_what_was_there_and_so_do_the_rows_that_go_with_it(in_tenant):
    customer = make_customer(in_tenant, name="Blue River Ltd")
    contact = make_contact(customer, name="Ann Lee")
    gone = {"customers.customer": customer.pk, "customers.contact": contact.pk}
    mark = forget()

    with connection.cursor() as cursor:  # by the database's own cascade, which no code sees
        cursor.execute("DELETE FROM customers_customer WHERE tenant_id = %s AND id = %s", [in_tenant.pk, customer.pk])

    written = {entry.kind: entry for entry in entries(**mark, action=Action.DELETE)}
    assert {kind: entry.object_id for kind, entry in written.items()} == gone
    assert written["customers.contact"].changes["name"] == ["Ann Lee", None]


def test_a_long_text_is_shortened(in_tenant):
    customer = make_customer(in_tenant)
    mark = forget()

    customer.note = "长" * 5000
    customer.save()

    (entry,) = entries(**mark)
    assert entry.changes == {"note": ["", "长" * 500 + "…"]}


def test_a_bulk_update_writes_one_entry_for_each_changed_row(in_tenant):
    customers = [make_customer(in_tenant, name=f"C{number}", city="A" if number else "B") for number in range(4)]
    mark = forget()

    Customer.objects.update(city="B")

    assert [(entry.object_id, entry.changes) for entry in entries(**mark)] == [
        (customer.pk, {"city": ["A", "B"]}) for customer in customers[1:]
    ]


def test_an_import_writes_one_entry_for_each_statement(in_tenant):
    make_customer(in_tenant, external_id="1")
    mark = forget()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL app.import_id = '17'")

    Customer.objects.bulk_create(Customer(name=f"C{n}", name_sort="c", external_id=str(n)) for n in (2, 3))
    Customer.objects.filter(external_id="1").update(city="B")
    Customer.objects.filter(external_id="2").delete()

    written = [
        (entry.action, entry.object_id, entry.row_count, entry.detail["operation"], entry.detail["import_id"])
        for entry in entries(**mark, kind="customers.customer")
    ]
    assert written == [
        (Action.IMPORT, None, 2, "insert", 17),
        (Action.IMPORT, None, 1, "update", 17),
        (Action.IMPORT, None, 1, "delete", 17),
    ]


def test_more_than_a_thousand_new_rows_of_one_statement_are_one_entry(in_tenant):
    mark = forget()

    made = Customer.objects.bulk_create(Customer(name=f"C{number}", name_sort="c") for number in range(1001))

    (entry,) = entries(**mark)
    assert (entry.action, entry.row_count, entry.detail) == (
        Action.BULK,
        1001,
        {"operation": "insert", "first_id": made[0].pk, "last_id": made[-1].pk},
    )


def test_what_is_rolled_back_was_never_written(in_tenant):
    mark = forget()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_customer(in_tenant)
        1 / 0  # noqa: B018

    assert entries(**mark) == []


def test_no_other_tenant_sees_an_entry(tenant, other_tenant):
    with use_tenant(tenant):
        make_customer(tenant)
    with use_tenant(other_tenant), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_auditentry WHERE kind = 'customers.customer'")

        assert cursor.fetchone() == (0,)


def test_history_is_about_one_record_newest_first(in_tenant, django_assert_num_queries):
    customer, other = make_customer(in_tenant), make_customer(in_tenant)
    make_activity(customer)
    make_tag(in_tenant)
    for city in ("A", "B"):
        for each in (customer, other):
            each.city = city
            each.save()

    with django_assert_num_queries(1):
        seen = [(entry.action, entry.changes.get("city"), str(entry.actor)) for entry in history(customer)]

    assert seen == [
        (Action.UPDATE, ["A", "B"], "None"),
        (Action.UPDATE, ["", "A"], "None"),
        (Action.INSERT, None, "None"),
    ]
    assert len(history(customer, limit=2)) == 2


def test_members_teams_and_the_tenant_itself_are_audited_from_outside_too(tenant, owner):
    with use_tenant(tenant):
        mark = forget()
    owner.membership.roles = ["admin"]
    owner.membership.save()
    tenant.name = "Acme"
    tenant.save()
    tenant.teams.create(name="East")

    with use_tenant(tenant):
        written = [(entry.kind, entry.action, entry.changes) for entry in entries(**mark)]
        assert written[:2] == [
            ("tenancy.membership", Action.UPDATE, {"roles": [["sales"], ["admin"]]}),
            ("tenancy.tenant", Action.UPDATE, {"name": ["Acme Trading", "Acme"]}),
        ]
        assert {kind for kind, _, _ in written[2:]} == {"tenancy.team"}


def test_an_event_says_what_no_row_shows(tenant, admin):
    with use_tenant(tenant, admin.user):
        mark = forget()
        record(Action.EXPORT, Customer, rows=12, format="csv")

        (entry,) = entries(**mark)
        assert (entry.action, entry.kind, entry.object_id, entry.row_count, entry.detail, entry.actor) == (
            Action.EXPORT,
            "customers.customer",
            None,
            12,
            {"format": "csv"},
            admin.user,
        )


def test_code_cannot_claim_that_a_row_changed(in_tenant):
    with pytest.raises(ValueError, match="database alone"):
        record(Action.UPDATE, Customer)
