"""Finding customers and contacts in both languages, and never beyond what a member may see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from crm.errors import SearchTooBroad
from crm.search.finding import time_limit
from crm.search.registry import search
from crm.tenancy.context import use_tenant
from customers.models import Customer, CustomerSearch
from customers.search import (
    customers_renamed,
    filter_by_search,
    find_contacts,
    index_customers,
    search_customers,
)
from tests.factories import make_contact, make_customer, make_member

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def add(tenant, name: str, days: int = 0, **fields) -> Customer:
    return make_customer(tenant, name=name, updated_at=DAY + timedelta(days=days), **fields)


def names(customers) -> list[str]:
    return [customer.name for customer in customers]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("张三", ["张三丰", "张三"]),
        ("三丰", ["张三丰"]),
        ("张", ["张三丰", "张三"]),
        ("zhangsan", ["张三丰", "张三"]),
        ("zsf", ["张三丰"]),
        ("zengxiaoxian", ["曾小贤"]),
        ("chongqing", ["重庆华星科技有限公司"]),
        ("华星 科技", ["重庆华星科技有限公司"]),
        ("Müll", ["Mueller & MÜLLER Ltd"]),
        ("LTD mull", ["Mueller & MÜLLER Ltd"]),
        ("eller", ["Mueller & MÜLLER Ltd"]),
        ("0001", ["张三"]),
        ("+86 138-0000-0001", ["张三"]),
        ("86138", ["张三"]),
        ("ZHANG@", ["张三"]),
        ("没有这个", []),
        ("a", []),
        ("", []),
        ("'; --", []),
    ],
)
def test_customers_are_found_newest_first(in_tenant, admin, text, found):
    add(in_tenant, "张三", 1, phone="8613800000001", email="zhang@acme.example")
    add(in_tenant, "张三丰", 2, phone="8613900000002")
    add(in_tenant, "曾小贤", 3)
    add(in_tenant, "重庆华星科技有限公司", 4)
    add(in_tenant, "Mueller & MÜLLER Ltd", 5)

    assert names(search_customers(admin.membership, text)) == found


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("text", "statements"), [("华星", 3), ("华星 贸易", 2), ("1380", 2)])
def test_search_takes_few_statements_and_no_more_per_row(
    in_tenant, admin, text, statements, rows, django_assert_num_queries
):
    for number in range(rows):
        add(in_tenant, f"华星贸易{number}", phone=f"1380013800{number}")

    # The time limit, how common one word is, the customers.
    with django_assert_num_queries(statements):
        assert len(search_customers(admin.membership, text)) == rows


def test_results_are_limited_to_the_newest(in_tenant, admin):
    for number in range(5):
        add(in_tenant, f"华星{number}", number)

    assert names(search_customers(admin.membership, "华星", limit=2)) == ["华星4", "华星3"]


def test_representative_finds_own_customers_only(in_tenant, owner, colleague, manager):
    add(in_tenant, "华星一", 1, owner=owner.user, phone="13800000001")
    add(in_tenant, "华星二", 2, owner=colleague.user, phone="13800000002")
    add(in_tenant, "华星三", 3, phone="13800000003")

    for text in ("华星", "13800000"):
        assert names(search_customers(owner.membership, text)) == ["华星一"]
        assert names(search_customers(manager.membership, text)) == ["华星一"]
        assert names(search_customers(colleague.membership, text)) == ["华星二"]


def test_another_tenants_customers_are_never_found(in_tenant, admin, stranger, other_tenant):
    add(in_tenant, "华星", 1, phone="13800000001", email="a@x.example")
    with use_tenant(other_tenant):
        add(other_tenant, "华星", 1, phone="13800000001", email="a@x.example")
        own = {text: search_customers(stranger.membership, text) for text in ("华星", "hx", "13800000001", "a@x")}

    for found in own.values():
        assert [customer.tenant_id for customer in found] == [other_tenant.pk]
    assert [customer.tenant_id for customer in search_customers(admin.membership, "华星")] == [in_tenant.pk]


def test_the_view_shows_the_rows_of_the_transactions_tenant_only(in_tenant, other_tenant):
    add(in_tenant, "华星")
    with use_tenant(other_tenant):
        theirs = add(other_tenant, "华星")

    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id FROM customer_search_v")
        visible = cursor.fetchall()
        cursor.execute("SELECT 1 FROM customer_search_v WHERE customer_id = %s", [theirs.pk])
        other = cursor.fetchall()
        cursor.execute("SET LOCAL app.tenant_id = ''")
        cursor.execute("SELECT tenant_id FROM customer_search_v")
        without = cursor.fetchall()

    assert (visible, other, without) == ([(in_tenant.pk,)], [], [])


def test_the_view_cannot_be_written_through(in_tenant):
    add(in_tenant, "华星")

    for view in ("customer_search_v", "customers_customer_v"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {view} SET updated_at = now() WHERE tenant_id = %s", [in_tenant.pk])


def test_a_list_is_narrowed_and_keeps_its_order_and_paging(in_tenant):
    for number in range(4):
        add(in_tenant, f"华星{number}", number)
    add(in_tenant, "Blue River", 9)

    found = filter_by_search(in_tenant.customers.order_by("name_sort", "id"), "华星")
    page = found.filter(name_sort__gt="hua xing 1")[:2]

    assert names(page) == ["华星2", "华星3"]
    assert filter_by_search(in_tenant.customers.all(), " ").count() == 5
    assert filter_by_search(in_tenant.customers.all(), "a").count() == 0


def test_a_renamed_customer_is_found_by_the_new_name_and_so_are_its_contacts(in_tenant, admin):
    customer = add(in_tenant, "华星贸易")
    contact = make_contact(customer, name="李四")
    customer.name = "长江贸易"

    customer.save()

    assert search_customers(admin.membership, "华星") == []
    assert search_customers(admin.membership, "长江") == [customer]
    assert find_contacts(admin.membership, "李四 长江", 5) == [contact]
    assert find_contacts(admin.membership, "李四 华星", 5) == []


def test_a_contact_that_moves_is_found_by_its_new_customer(in_tenant, admin):
    contact = make_contact(add(in_tenant, "华星贸易"), name="李四")
    contact.customer = add(in_tenant, "长江贸易")

    contact.save()

    assert find_contacts(admin.membership, "李四 长江", 5) == [contact]
    assert find_contacts(admin.membership, "李四 华星", 5) == []


@pytest.mark.parametrize(("hours", "rank"), [(23, 0), (25, 25)])
@pytest.mark.parametrize("fields", [None, ["updated_at"]])
def test_rank_is_refreshed_at_most_daily(in_tenant, hours, rank, fields):
    customer = add(in_tenant, "华星")
    customer.updated_at = DAY + timedelta(hours=hours)

    customer.save(update_fields=fields)

    assert CustomerSearch.objects.get().updated_at == DAY + timedelta(hours=rank)


def test_a_new_customer_costs_one_statement_more(in_tenant, django_assert_num_queries):
    with django_assert_num_queries(2):
        make_customer(in_tenant, name="华星")


def test_a_save_that_keeps_the_name_costs_one_statement_more(in_tenant, django_assert_num_queries):
    customer = add(in_tenant, "华星")

    with django_assert_num_queries(2):
        customer.save()


def test_many_customers_are_indexed_by_few_statements(in_tenant, monkeypatch, django_assert_num_queries):
    # What other apps do besides is theirs to count.
    monkeypatch.setattr(customers_renamed, "receivers", [])
    Customer.objects.bulk_create(Customer(name=f"华星{n}", name_sort=f"hua xing {n}") for n in range(2500))

    ids = list(Customer.objects.values_list("pk", flat=True))

    with django_assert_num_queries(5):
        index_customers(ids)

    assert CustomerSearch.objects.count() == 2500


def test_words_go_with_the_customer(in_tenant):
    customer = add(in_tenant, "华星")

    customer.delete()

    assert not CustomerSearch.objects.exists()


def test_contacts_are_found_as_far_as_their_customer_is_seen(in_tenant, owner, colleague):
    mine = make_contact(add(in_tenant, "华星", owner=owner.user), name="李四", phone="13911112222")

    assert find_contacts(owner.membership, "lisi", 5) == [mine]
    assert find_contacts(owner.membership, "2222", 5) == [mine]
    assert find_contacts(colleague.membership, "lisi", 5) == []
    assert find_contacts(colleague.membership, "2222", 5) == []


def test_a_member_without_a_role_finds_nothing(in_tenant):
    add(in_tenant, "华星")
    nobody = make_member(in_tenant, "nobody@acme.example")

    assert search(nobody, "华星", 8) == []
    assert search_customers(nobody, "华星") == []


def test_a_search_that_takes_too_long_says_so(in_tenant, monkeypatch):
    monkeypatch.setattr("crm.search.finding.TIMEOUT_SECONDS", 0.01)

    with pytest.raises(SearchTooBroad), transaction.atomic(), time_limit(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
