from datetime import UTC, datetime

import pytest
from django.utils import timezone

from crm.imports.models import Import, ImportRow, Kept
from crm.imports.undo import undo_import
from customers.choices import ActivityKind
from customers.models import Contact, Customer, CustomerSearch, CustomerTag
from customers.operations import log_follow_up, set_tags
from customers.search import find_customers
from tests.factories import make_activity, make_contact, make_customer, make_tag

pytestmark = pytest.mark.django_db


def undo(run: Import, **options) -> dict[str, int]:
    run = undo_import(Import.objects.get(pk=run.pk), **options)
    assert run.undone_at
    return {"removed": run.removed_count, "restored": run.restored_count, "kept": run.kept_count}


def kept(run: Import) -> list[tuple[int, str]]:
    return list(
        ImportRow.objects.filter(of_import=run).exclude(kept="").order_by("row_no").values_list("row_no", "kept")
    )


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_new_records_go_with_their_words_and_tags(bring_in, chunk_rows):
    run = bring_in("name,tags\n张三,A;B\n李四,A\n王五,\n")

    assert undo(run, chunk_rows=chunk_rows) == {"removed": 3, "restored": 0, "kept": 0}
    assert not Customer.objects.exists()
    assert not CustomerSearch.objects.exists()
    assert not CustomerTag.objects.exists()


def test_new_records_that_somebody_touched_stay_and_say_why(bring_in, tenant):
    run = bring_in("name\nuntouched\nedited\nwith contact\nwith follow-up\ntagged\ndeleted\n")
    records = {customer.name: customer for customer in Customer.objects.all()}
    Customer.objects.filter(pk=records["edited"].pk).update(city="Rome", updated_at=timezone.now())
    make_contact(records["with contact"])
    make_activity(records["with follow-up"])
    set_tags(customer=records["tagged"], tags=[make_tag(tenant)])
    records["deleted"].delete()

    assert undo(run) == {"removed": 1, "restored": 0, "kept": 4}
    assert kept(run) == [(3, Kept.CHANGED), (4, Kept.IN_USE), (5, Kept.IN_USE), (6, Kept.IN_USE)]
    assert sorted(Customer.objects.values_list("name", flat=True)) == [
        "edited",
        "tagged",
        "with contact",
        "with follow-up",
    ]


def test_changed_records_get_their_former_values(bring_in, tenant, admin):
    customer = make_customer(tenant, name="Old", name_sort="old", phone="1", city="Rome", owner=admin.user)
    make_tag(tenant, name="Kept").links.create(customer=customer)
    run = bring_in("name,phone,city,next contact,tags\n张三,1,北京,2026-01-02,New;Kept\n", match_key="phone")

    assert undo(run) == {"removed": 0, "restored": 1, "kept": 0}
    customer.refresh_from_db()
    assert (customer.name, customer.name_sort, customer.city, customer.next_contact_on) == ("Old", "old", "Rome", None)
    assert customer.version == 3
    assert [link.tag.name for link in customer.tag_links.all()] == ["Kept"]
    assert find_customers(admin.membership, "张三", 5) == []
    assert [found.pk for found in find_customers(admin.membership, "old", 5)] == [customer.pk]


def test_field_that_somebody_changed_since_stays_and_the_others_go_back(bring_in, tenant):
    customer = make_customer(tenant, name="Old", name_sort="old", phone="1", city="Rome")
    run = bring_in("name,phone,city\n章三,1,北京\n", match_key="phone")
    # Another name that sorts the same: its sort key must stay with it.
    Customer.objects.filter(pk=customer.pk).update(name="张三")

    assert undo(run) == {"removed": 0, "restored": 1, "kept": 1}
    customer.refresh_from_db()
    assert (customer.name, customer.name_sort, customer.city) == ("张三", "zhang san", "Rome")
    assert kept(run) == [(2, Kept.CHANGED)]


def test_former_number_that_another_record_has_by_now_is_not_put_back(bring_in, tenant):
    customer = make_customer(tenant, name="Old", name_sort="old", phone="1", external_id="K1")
    run = bring_in("name,phone,customer id\nOld,1,K2\n", match_key="phone")
    make_customer(tenant, name="Heir", external_id="K1")

    assert undo(run) == {"removed": 0, "restored": 0, "kept": 1}
    customer.refresh_from_db()
    assert customer.external_id == "K2"
    assert kept(run) == [(2, Kept.TAKEN)]


def test_changed_record_that_was_deleted_since_is_noted(bring_in, tenant):
    customer = make_customer(tenant, name="Old", name_sort="old", phone="1")
    run = bring_in("name,phone\nNew,1\n", match_key="phone")
    customer.delete()

    assert undo(run) == {"removed": 0, "restored": 0, "kept": 1}
    assert kept(run) == [(2, Kept.GONE)]


def test_reference_goes_back_unless_its_record_is_gone(bring_in, tenant):
    one, two = make_customer(tenant, name="One", name_sort="one"), make_customer(tenant, name="Two", name_sort="two")
    stays = make_contact(one, name="Ann", name_sort="ann", phone="1")
    moves = make_contact(two, name="Bob", name_sort="bob", phone="2")
    run = bring_in("name,customer,phone\nAnn,Two,1\nBob,One,2\n", "contacts", match_key="phone")
    Contact.objects.filter(pk=stays.pk).update(customer=one)

    assert undo(run) == {"removed": 0, "restored": 1, "kept": 1}
    moves.refresh_from_db()
    assert moves.customer == two


@pytest.mark.parametrize("chunk_rows", [1, 100])
def test_last_contact_is_turned_back_with_the_follow_ups(bring_in, tenant, admin, chunk_rows):
    known, fresh = (
        make_customer(tenant, name="Blue", name_sort="blue"),
        make_customer(tenant, name="Red", name_sort="red"),
    )
    before = datetime(2026, 1, 5, 9, tzinfo=UTC)
    log_follow_up(customer=known, author=admin.user, kind=ActivityKind.CALL, text="Before.", at=before)
    run = bring_in(
        "customer,text,date\nBlue,After.,2026-02-01\nRed,First.,2026-02-02\nRed,Second.,2026-02-03\n", "activities"
    )
    assert Customer.objects.get(name="Red").last_contact_at == datetime(2026, 2, 3, tzinfo=UTC)

    assert undo(run, chunk_rows=chunk_rows) == {"removed": 3, "restored": 0, "kept": 0}
    assert Customer.objects.get(pk=known.pk).last_contact_at == before
    assert Customer.objects.get(pk=fresh.pk).last_contact_at is None


def test_undoing_goes_on_where_it_stopped(bring_in):
    run = bring_in("name\n" + "".join(f"N{number}\n" for number in range(7)))
    seen: list[int] = []

    class Stop(Exception):
        pass

    def stop_after_two(after):
        if len(seen) == 2:
            raise Stop
        seen.append(after)

    with pytest.raises(Stop):
        undo_import(Import.objects.get(pk=run.pk), chunk_rows=2, keep=stop_after_two)

    assert undo(run, after=seen[-1], chunk_rows=2) == {"removed": 7, "restored": 0, "kept": 0}
    assert not Customer.objects.exists()
