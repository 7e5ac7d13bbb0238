from datetime import UTC, date, datetime

import pytest
from django.db import transaction

from crm import errors
from crm.imports.batch import BatchWriter
from crm.imports.chunks import chunks
from crm.imports.faults import Fault
from crm.imports.models import Import, ImportRow
from crm.imports.pipeline import Overtaken, plan_of, run_import, source_of
from crm.imports.reader import ReadOptions
from crm.imports.registry import OnMatch
from crm.imports.writing import write_chunk
from crm.tenancy.context import use_tenant
from customers.models import Activity, Contact, Customer, CustomerSearch, Tag
from customers.search import find_contacts, find_customers
from tests.factories import make_activity, make_contact, make_customer

from .conftest import counts, problems

pytestmark = pytest.mark.django_db

SEED = "name,phone,address\n张三,13800000000,北京市\n李四,13800000001,上海市\n王五,13800000002,广州市\n"


def test_seed_example_gives_three_customers(bring_in, admin):
    run = bring_in(SEED, membership=admin.membership)

    assert counts(run) == {"rows": 3, "created": 3, "updated": 0, "skipped": 0, "failed": 0}
    assert list(Customer.objects.order_by("id").values_list("name", "phone", "address", "name_sort", "owner_id")) == [
        ("张三", "13800000000", "北京市", "zhang san", admin.user.pk),
        ("李四", "13800000001", "上海市", "li si", admin.user.pk),
        ("王五", "13800000002", "广州市", "wang wu", admin.user.pk),
    ]
    assert [customer.name for customer in find_customers(admin.membership, "lisi", 5)] == ["李四"]


def test_every_field_arrives_as_a_form_would_store_it(bring_in, admin, owner):
    bring_in(
        "姓名,类型,电话,邮箱,客户编号,网址,阶段,级别,来源,负责人,下次联系,标签,备注\n"
        "张三,个人,+86 138-0000-0000,Zhang@Mail.Example,007,mail.example,活跃,A · key,网站,SALES@acme.example,"
        '2026年3月31日,"VIP，老客户","第一行\n第二行"\n'.replace("活跃", "Active customer").replace("网站", "Website"),
        membership=admin.membership,
    )

    customer = Customer.objects.get()
    assert {
        name: getattr(customer, name)
        for name in ("kind", "phone", "email", "external_id", "website", "stage", "level", "source", "note", "version")
    } == {
        "kind": "person",
        "phone": "8613800000000",
        "email": "zhang@mail.example",
        "external_id": "007",
        "website": "https://mail.example",
        "stage": "active",
        "level": "a",
        "source": "website",
        "note": "第一行\n第二行",
        "version": 1,
    }
    assert customer.owner == owner.user
    assert customer.created_by == admin.user
    assert customer.next_contact_on == date(2026, 3, 31)
    assert sorted(link.tag.name for link in customer.tag_links.all()) == ["VIP", "老客户"]


def test_new_customers_may_go_to_the_pool_and_say_where_they_come_from(bring_in, admin):
    bring_in("name\n张三\n", membership=admin.membership, own=False)

    assert Customer.objects.values_list("owner", "source", "stage", "kind").get() == (
        None,
        "import",
        "prospect",
        "company",
    )


def test_rows_with_faults_are_named_and_the_others_come_in(bring_in):
    run = bring_in(
        "name,phone,email,next contact\n"
        "张三,13800000000,z@mail.example,2026-02-28\n"
        ",13800000001,,\n"
        "李四,call me,not-an-address,2026-02-30\n"
        "王五,13800000003,,,extra\n"
        "\n"
        "赵六,13800000004,,\n"
    )

    assert counts(run) == {"rows": 5, "created": 2, "updated": 0, "skipped": 0, "failed": 3}
    assert problems(run) == [
        (3, "name", Fault.REQUIRED, ""),
        (4, "email", Fault.BAD_EMAIL, "not-an-address"),
        (4, "next_contact_on", Fault.BAD_DATE, "2026-02-30"),
        (4, "phone", Fault.BAD_PHONE, "call me"),
        (5, "", Fault.TOO_MANY_CELLS, "extra"),
    ]
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["张三", "赵六"]


def test_cell_that_begins_like_a_formula_is_stored_as_typed(bring_in):
    bring_in("name,note\n=cmd|' /C calc'!A0,@SUM(1+1)\n'=1+1,'-5\n")

    assert list(Customer.objects.order_by("id").values_list("name", "note")) == [
        ("=cmd|' /C calc'!A0", "@SUM(1+1)"),
        ("=1+1", "-5"),
    ]


def test_text_that_copy_could_take_for_its_own_signs_is_stored_as_typed(bring_in):
    bring_in('name,note\nback\\slash \\N,"tab\there\n\\.\nend"\n')

    assert Customer.objects.values_list("name", "note").get() == ("back\\slash \\N", "tab\there\n\\.\nend")


# -- matching


def test_matched_customer_is_updated_where_the_row_says_something(bring_in, tenant, admin):
    customer = make_customer(tenant, name="Old", name_sort="old", phone="13800000000", city="北京", note="keep")
    before = customer.updated_at

    run = bring_in(
        "name,phone,city,note\n张三丰,13800000000,上海,\n李四,13800000001,,\n",
        membership=admin.membership,
        match_key="phone",
        on_match=OnMatch.UPDATE,
    )

    assert counts(run) == {"rows": 2, "created": 1, "updated": 1, "skipped": 0, "failed": 0}
    customer.refresh_from_db()
    assert (customer.name, customer.name_sort, customer.city, customer.note, customer.version) == (
        "张三丰",
        "zhang san feng",
        "上海",
        "keep",
        2,
    )
    assert customer.updated_at > before
    assert [found.pk for found in find_customers(admin.membership, "zhangsanfeng", 5)] == [customer.pk]


def test_row_that_changes_nothing_is_skipped_and_leaves_the_record_untouched(bring_in, tenant):
    customer = make_customer(tenant, name="张三", name_sort="zhang san", phone="13800000000")

    run = bring_in("name,phone\n张三,13800000000\n", match_key="phone")

    assert counts(run) == {"rows": 1, "created": 0, "updated": 0, "skipped": 1, "failed": 0}
    assert Customer.objects.values_list("version", "updated_at").get() == (1, customer.updated_at)


def test_skipping_leaves_known_records_and_repeated_rows_alone(bring_in, tenant):
    make_customer(tenant, name="Old", phone="13800000000")

    run = bring_in(
        "name,phone\nNew,13800000000\n李四,1\n王五,1\n", match_key="phone", on_match=OnMatch.SKIP, chunk_rows=2
    )

    assert counts(run) == {"rows": 3, "created": 1, "updated": 0, "skipped": 2, "failed": 0}
    assert sorted(Customer.objects.values_list("name", flat=True)) == ["Old", "李四"]


def test_create_anyway_makes_another_record(bring_in, tenant):
    make_customer(tenant, name="Old", phone="13800000000")

    run = bring_in("name,phone\nNew,13800000000\n", match_key="phone", on_match=OnMatch.CREATE)

    assert counts(run)["created"] == 1
    assert Customer.objects.count() == 2


def test_key_that_fits_several_records_is_refused(bring_in, tenant):
    for name in ("One", "Two"):
        make_customer(tenant, name=name, phone="13800000000")

    run = bring_in("name,phone\nThree,13800000000\n", match_key="phone")

    assert problems(run) == [(2, "phone", Fault.AMBIGUOUS, "13800000000")]
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("chunk_rows", [1, 2, 100])
def test_row_that_repeats_a_key_of_the_file_is_refused_whatever_the_chunk(bring_in, chunk_rows):
    run = bring_in(
        "name,phone\n张三,1380000\n李四,1380001\n张三,138 0000\n王五,1380002\n",
        match_key="phone",
        chunk_rows=chunk_rows,
    )

    assert counts(run) == {"rows": 4, "created": 3, "updated": 0, "skipped": 0, "failed": 1}
    assert problems(run) == [(4, "phone", Fault.TWICE_IN_FILE, "1380000")]


def test_rows_without_a_key_are_new(bring_in, tenant):
    make_customer(tenant, name="No phone")

    run = bring_in("name,phone\n张三,\n李四,\n", match_key="phone")

    assert counts(run)["created"] == 2


def test_name_matches_whole_names_only(bring_in, tenant):
    known = make_customer(tenant, name="张三", name_sort="zhang san")
    make_customer(tenant, name="章三", name_sort="zhang san")

    run = bring_in("name,city\n张三,北京\n张三丰,上海\n", match_key="name")

    assert counts(run) == {"rows": 2, "created": 1, "updated": 1, "skipped": 0, "failed": 0}
    assert Customer.objects.get(city="北京") == known


def test_record_out_of_sight_is_not_changed_by_a_match(bring_in, tenant, manager, colleague):
    theirs = make_customer(tenant, name="Theirs", phone="13800000000", owner=colleague.user)

    run = bring_in("name,phone\nMine,13800000000\n", membership=manager.membership, match_key="phone")

    assert problems(run) == [(2, "phone", Fault.NOT_YOURS, "13800000000")]
    theirs.refresh_from_db()
    assert theirs.name == "Theirs"


def test_other_tenant_is_neither_matched_nor_changed(bring_in, other_tenant):
    with use_tenant(other_tenant):
        make_customer(other_tenant, name="华星的客户", phone="13800000000")

    run = bring_in("name,phone\n张三,13800000000\n", match_key="phone")

    assert counts(run)["created"] == 1
    with use_tenant(other_tenant):
        assert Customer.objects.values_list("name", flat=True).get() == "华星的客户"


def test_number_that_must_be_unique_is_checked_beside_the_key(bring_in, tenant):
    make_customer(tenant, name="Known", phone="1", external_id="K1")
    make_customer(tenant, name="Other", phone="1380000", external_id="")

    run = bring_in(
        "name,phone,customer id\nA,1380000,K1\nB,1380001,K2\nC,1380002,K2\nD,1380003,K3\nE,1380004,\n",
        match_key="phone",
    )

    assert problems(run) == [(2, "external_id", Fault.TAKEN, "K1"), (4, "external_id", Fault.TWICE_IN_FILE, "K2")]
    assert counts(run)["created"] == 3


def test_matching_by_the_unique_number_updates(bring_in, tenant):
    make_customer(tenant, name="Known", external_id="K1")

    run = bring_in("name,customer id\nRenamed,K1\nNew,K2\n", match_key="external_id")

    assert counts(run) == {"rows": 2, "created": 1, "updated": 1, "skipped": 0, "failed": 0}


# -- references, tags


def test_contacts_find_their_customer_and_are_found(bring_in, tenant, admin):
    customer = make_customer(tenant, name="蓝河公司", name_sort="lan he gong si", phone="1380000")
    make_customer(tenant, name="Twin", name_sort="twin")
    make_customer(tenant, name="Twin", name_sort="twin")

    run = bring_in(
        "联系人,客户名称,电话\n安,蓝河公司,1\n白,没有公司,2\n陈,Twin,3\n杜,,4\n",
        "contacts",
        membership=admin.membership,
    )

    assert problems(run) == [
        (3, "customer", Fault.NOT_FOUND, "没有公司"),
        (4, "customer", Fault.AMBIGUOUS, "Twin"),
        (5, "customer", Fault.REQUIRED, ""),
    ]
    assert list(Contact.objects.values_list("name", "customer", "name_sort")) == [("安", customer.pk, "an")]
    assert [found.name for found in find_contacts(admin.membership, "蓝河", 5)] == ["安"]


def test_reference_by_telephone(bring_in, tenant):
    customer = make_customer(tenant, name="蓝河公司", phone="1380000")

    bring_in("联系人,客户电话\n安,138-0000\n", "contacts")

    assert Contact.objects.get().customer == customer


def test_reference_out_of_sight_is_not_found(bring_in, tenant, manager, colleague):
    make_customer(tenant, name="Theirs", name_sort="theirs", owner=colleague.user)

    run = bring_in("contact,customer\nAnn,Theirs\n", "contacts", membership=manager.membership)

    assert problems(run) == [(2, "customer", Fault.NOT_FOUND, "Theirs")]


def test_contacts_match_by_customer_and_name(bring_in, tenant):
    one, two = make_customer(tenant, name="One", name_sort="one"), make_customer(tenant, name="Two", name_sort="two")
    ann = make_contact(one, name="Ann", name_sort="ann")

    run = bring_in("name,customer,title\nAnn,One,Boss\nAnn,Two,Chef\n", "contacts", match_key="name")

    assert counts(run) == {"rows": 2, "created": 1, "updated": 1, "skipped": 0, "failed": 0}
    ann.refresh_from_db()
    assert (ann.title, two.contacts.get().title) == ("Boss", "Chef")


def test_main_contact_does_not_move_to_a_customer_that_has_one(bring_in, tenant):
    one, two = make_customer(tenant, name="One", name_sort="one"), make_customer(tenant, name="Two", name_sort="two")
    ann = make_contact(one, name="Ann", phone="1", is_primary=True)
    make_contact(one, name="Bob", phone="2")
    make_contact(two, name="Eve", phone="3", is_primary=True)

    run = bring_in("name,customer,phone\nAnn,Two,1\nBob,Two,2\n", "contacts", match_key="phone")

    assert problems(run) == [(2, "customer", Fault.TAKEN, str(two.pk))]
    ann.refresh_from_db()
    assert (ann.customer, two.contacts.count()) == (one, 2)


def test_imported_follow_ups_count_as_contacts(bring_in, tenant, owner, admin):
    customer = make_customer(tenant, name="张三", name_sort="zhang san")
    make_activity(customer, at=datetime(2025, 1, 1, tzinfo=UTC))

    bring_in(
        "客户,方式,内容,时间,跟进人\n"
        "张三,电话,谈价格,2026-01-05 14:30,sales@acme.example\n"
        "张三,待办,发合同,2026-02-01,\n",
        "activities",
        membership=admin.membership,
    )

    assert list(Activity.objects.order_by("id").values_list("kind", "text", "at", "author")[1:]) == [
        ("call", "谈价格", datetime(2026, 1, 5, 14, 30, tzinfo=UTC), owner.user.pk),
        ("task", "发合同", datetime(2026, 2, 1, tzinfo=UTC), admin.user.pk),
    ]
    customer.refresh_from_db()
    assert customer.last_contact_at == datetime(2026, 1, 5, 14, 30, tzinfo=UTC)


def test_tags_are_added_to_known_customers_and_counted_as_a_change(bring_in, tenant):
    customer = make_customer(tenant, name="张三", name_sort="zhang san", phone="1")
    tenant.tags.create(name="VIP")

    run = bring_in("name,phone,tags\n张三,1,VIP;新\n李四,2,新\n王五,3,\n", match_key="phone")

    assert counts(run) == {"rows": 3, "created": 2, "updated": 1, "skipped": 0, "failed": 0}
    assert sorted(link.tag.name for link in customer.tag_links.all()) == ["VIP", "新"]
    assert Tag.objects.count() == 2
    assert set(ImportRow.objects.get(record_id=customer.pk).changes["tags"]) == set(
        Tag.objects.values_list("pk", flat=True)
    )


# -- rights, resuming


def test_person_without_the_right_imports_nothing(bring_in, owner):
    with pytest.raises(errors.ImportNotAllowed):
        bring_in(SEED, membership=owner.membership)

    assert not Customer.objects.exists()


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"mapping": {"phone": 1}}, errors.RequiredFieldMissing),
        ({"mapping": {"name": 0, "shoe_size": 1}}, errors.UnknownField),
        ({"mapping": {"name": 9}}, errors.UnknownColumn),
        ({"match_key": "email"}, errors.KeyNotMapped),
    ],
)
def test_mapping_that_cannot_work_is_refused_before_any_row(bring_in, fields, error):
    with pytest.raises(error):
        bring_in(SEED, **fields)

    assert not Customer.objects.exists()


def test_file_that_breaks_near_its_end_brings_in_nothing(bring_in):
    text = "name,phone\n" + "".join(f"N{number},{number}\n" for number in range(50)) + 'Last,"unclosed\n'

    with pytest.raises(errors.UnclosedQuote):
        bring_in(text, chunk_rows=10)

    assert not Customer.objects.exists()


def test_import_goes_on_where_it_stopped(bring_in, tmp_path):
    text = "name,phone\n" + "".join(f"N{number},{1380000 + number}\n" for number in range(10))
    path = tmp_path / "rows.csv"
    path.write_text(text)
    run = Import.objects.create(kind="customers", file_name="rows.csv", mapping={"name": 0, "phone": 1})
    source = source_of(run, path)
    plan = plan_of(run, source.columns, None)
    first = next(chunks(source, plan, size=4))
    with transaction.atomic():
        write_chunk(plan, run, None, first)
    Import.objects.filter(pk=run.pk).update(last_row=first.last_row, row_count=4, created_count=4)

    result = run_import(Import.objects.get(pk=run.pk), membership=None, path=path, chunk_rows=4)

    assert (result.rows, result.created) == (10, 10)
    assert sorted(Customer.objects.values_list("name", flat=True)) == sorted(f"N{number}" for number in range(10))


def test_chunk_that_is_in_already_is_not_written_again(bring_in, tmp_path, monkeypatch):
    run = bring_in(SEED)
    path = tmp_path / "rows.csv"
    Import.objects.filter(pk=run.pk).update(finished_at=None)
    stale = Import.objects.get(pk=run.pk)
    stale.last_row = 0

    with pytest.raises(Overtaken):
        run_import(stale, membership=None, path=path)

    assert Customer.objects.count() == 3


def test_rows_reach_a_distributed_server_as_values(in_tenant, tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("name,phone,tags,next contact\n张三,1,A;B,2026-01-02\n李四,,B,\n,3,,\n")
    run = Import.objects.create(
        kind="customers", file_name="rows.csv", mapping={"name": 0, "phone": 1, "tags": 2, "next_contact_on": 3}
    )
    source = source_of(run, path)
    plan = plan_of(run, source.columns, None)

    result = write_chunk(plan, run, None, next(chunks(source, plan, size=100)), BatchWriter(distributed=True))

    assert (result.created, result.failed) == (2, 1)
    assert CustomerSearch.objects.count() == 2
    assert list(Customer.objects.order_by("id").values_list("name", "phone", "next_contact_on")) == [
        ("张三", "1", date(2026, 1, 2)),
        ("李四", "", None),
    ]


def test_reading_options_of_the_import_are_followed(bring_in):
    run = bring_in("张三|138\n李四|139\n", reading=ReadOptions(header_row=0), mapping={"name": 0, "phone": 1})

    assert counts(run)["created"] == 2
