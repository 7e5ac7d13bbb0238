"""The query lint catches each planted statement, lets right ones pass, and listens in every test."""

import pytest
from django.db.models import Count, Exists, F, OuterRef, Q

from crm.tenancy.lints.query_lint import QueryLint, QueryLintError, shape_of
from customers.models import Activity, Contact, Customer
from tests.factories import make_activity, make_contact, make_customer
from tests.query_lint import listener

lint = QueryLint({"a", "b"})

RIGHT = [
    "SELECT x FROM a WHERE tenant_id = %s",
    "SELECT x FROM a WHERE a.tenant_id = %s::bigint AND (x = 1 OR y = 2)",
    "SELECT x FROM a t WHERE (t.x = 1 AND (t.tenant_id = 7))",
    "SELECT x FROM a WHERE (a.tenant_id, a.id) = (%s, 7)",
    "SELECT 1 FROM a JOIN b ON b.a_id = a.id AND b.tenant_id = a.tenant_id WHERE a.tenant_id = %s",
    "SELECT 1 FROM a JOIN b ON b.a_id = a.id AND a.tenant_id = b.tenant_id WHERE b.tenant_id = %s",
    "SELECT 1 FROM a JOIN b USING (tenant_id, id) WHERE a.tenant_id = %s",
    "SELECT 1 FROM a LEFT JOIN b ON a.id = b.a_id AND a.tenant_id = b.tenant_id WHERE a.tenant_id = %s",
    "SELECT 1 FROM a, b WHERE a.tenant_id = %s AND b.tenant_id = a.tenant_id",
    "SELECT 1 FROM other JOIN a ON a.id = other.a_id AND a.tenant_id = %s",
    "SELECT 1 FROM a WHERE tenant_id = %s AND EXISTS (SELECT 1 FROM b WHERE b.tenant_id = a.tenant_id)",
    "SELECT 1 FROM a WHERE tenant_id = %s AND x IN (SELECT b.x FROM b WHERE b.tenant_id = %s LIMIT 5)",
    "SELECT count(*) FROM (SELECT 1 AS one FROM a WHERE a.tenant_id = %s LIMIT 10001) s",
    "SELECT 1 FROM (SELECT * FROM a WHERE a.tenant_id = %s) s JOIN b ON b.tenant_id = s.tenant_id",
    "WITH s AS (SELECT tenant_id, id FROM a WHERE tenant_id = %s) SELECT 1 FROM s JOIN b ON b.tenant_id = s.tenant_id",
    "WITH RECURSIVE s AS (SELECT tenant_id, id FROM a WHERE tenant_id = %s UNION ALL "
    "SELECT b.tenant_id, b.id FROM b JOIN s ON b.tenant_id = s.tenant_id AND b.up = s.id) SELECT * FROM s",
    "SELECT 1 FROM (VALUES (1), (2)) v(x) CROSS JOIN LATERAL (SELECT 1 FROM a WHERE a.tenant_id = %s AND a.x = v.x) l",
    "SELECT 1 FROM b, LATERAL (SELECT 1 FROM a WHERE a.tenant_id = b.tenant_id) l WHERE b.tenant_id = %s",
    "SELECT 1 FROM a WHERE tenant_id = %s UNION ALL SELECT 1 FROM b WHERE tenant_id = %s ORDER BY 1",
    "SELECT x FROM a WHERE tenant_id = %s AND x ^@ %s FOR UPDATE SKIP LOCKED",
    "UPDATE a SET x = %s WHERE a.tenant_id = %s AND id = %s",
    "UPDATE a SET x = v.x FROM (VALUES (%s, %s), (%s, %s)) v(id, x) WHERE a.tenant_id = %s AND a.id = v.id",
    "UPDATE a SET x = 1 FROM (SELECT id FROM a WHERE tenant_id = %s FOR UPDATE) s WHERE tenant_id = %s AND s.id = a.id",
    "DELETE FROM a USING b WHERE a.tenant_id = %s AND b.tenant_id = a.tenant_id",
    "INSERT INTO a (tenant_id, x) VALUES (%s, %s), (%s, %s) ON CONFLICT (tenant_id, x) DO UPDATE SET x = excluded.x",
    "INSERT INTO a (tenant_id, x) SELECT b.tenant_id, b.x FROM b WHERE b.tenant_id = %s RETURNING id, (old.id IS NULL)",
    "CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT * FROM a WHERE tenant_id = %s WITH NO DATA",
    "WITH gone AS (DELETE FROM a WHERE tenant_id = %s RETURNING id) SELECT count(*) FROM gone",
]

WRONG = [
    "SELECT x FROM a",
    "SELECT x FROM a WHERE tenant_id IN (1, 2)",
    "SELECT x FROM a WHERE tenant_id = tenant_id",
    "SELECT x FROM a WHERE tenant_id > %s",
    "SELECT x FROM a WHERE a.tenant_id = %s OR x = 1",
    "SELECT x FROM a WHERE NOT (a.tenant_id = %s)",
    "SELECT 1 FROM a JOIN b ON b.a_id = a.id WHERE a.tenant_id = %s",
    "SELECT 1 FROM a JOIN b ON b.tenant_id = a.tenant_id",
    "SELECT 1 FROM a LEFT JOIN b ON a.id = b.a_id AND a.tenant_id = %s AND b.tenant_id = %s",
    "SELECT 1 FROM a LEFT JOIN b ON a.tenant_id = b.tenant_id AND b.tenant_id = %s",
    "SELECT 1 FROM a RIGHT JOIN b ON b.tenant_id = %s AND a.tenant_id = %s",
    "SELECT 1 FROM a FULL JOIN b ON b.tenant_id = a.tenant_id WHERE a.tenant_id = %s",
    "SELECT 1 FROM a JOIN other ON a.tenant_id = other.tenant_id",
    "SELECT 1 FROM (a JOIN b ON a.id = b.a_id) WHERE a.tenant_id = %s",
    "SELECT 1 FROM a WHERE tenant_id = %s AND EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)",
    "SELECT 1 FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.tenant_id = %s AND b.tenant_id = a.tenant_id)",
    "SELECT (SELECT count(*) FROM b) FROM a WHERE tenant_id = %s",
    "SELECT count(*) FROM (SELECT 1 AS one FROM a LIMIT 10001) s",
    "SELECT 1 FROM (SELECT 1 AS tenant_id, a.x FROM a) s WHERE s.tenant_id = %s",
    "WITH s AS (SELECT id FROM a) SELECT 1 FROM s",
    "WITH s AS (SELECT 1 AS id) SELECT 1 FROM s JOIN b ON b.tenant_id = s.id",
    "WITH RECURSIVE s AS (SELECT id FROM a WHERE tenant_id = %s UNION ALL "
    "SELECT b.id FROM b JOIN s ON b.up = s.id) SELECT * FROM s",
    "SELECT 1 FROM other o, LATERAL (SELECT 1 FROM a WHERE a.x = o.x) l",
    "SELECT 1 FROM a WHERE tenant_id = %s UNION ALL SELECT 1 FROM b",
    "SELECT x FROM a WHERE id = %s FOR UPDATE",
    "UPDATE a SET x = 1 WHERE id = %s",
    "UPDATE a SET x = b.x FROM b WHERE a.tenant_id = %s AND b.id = a.id",
    "UPDATE a SET x = (SELECT max(x) FROM b) WHERE tenant_id = %s",
    "DELETE FROM a WHERE x = %s",
    "DELETE FROM a USING b WHERE a.tenant_id = %s AND b.id = a.b_id",
    "INSERT INTO a (x) VALUES (%s)",
    "INSERT INTO a (tenant_id, x) VALUES (%s, %s) ON CONFLICT (x) DO NOTHING",
    "INSERT INTO a (tenant_id, x) SELECT 1, b.x FROM b",
    "CREATE TEMPORARY TABLE t ON COMMIT DROP AS SELECT * FROM a",
    "WITH gone AS (DELETE FROM a WHERE id = 1 RETURNING id) SELECT count(*) FROM gone",
    "LOCK TABLE a",
    "COPY a (x) FROM STDIN",
    "SELECT x FROM a WHERE tenant_id = %s AND x LIKE %s",
    "SELECT x FROM a WHERE tenant_id = %s AND x::text ILIKE %s",
    "SELECT x FROM a WHERE tenant_id = %s AND UPPER(a.x::text) = UPPER(%s)",
    "SELECT x FROM a WHERE tenant_id = %s AND x ~ %s",
    "SELECT x FROM a WHERE )",
]


@pytest.mark.parametrize("sql", RIGHT)
def test_a_bound_statement_passes(sql):
    assert lint.judge(sql) == ()


@pytest.mark.parametrize("sql", WRONG)
def test_a_statement_without_its_tenant_is_caught(sql):
    assert lint.judge(sql) != ()


def test_a_statement_that_names_no_tenant_table_is_not_parsed():
    assert lint(lambda *args: "ran", "SELECT nonsense FROM WHERE", None, False, {}) == "ran"


def test_statements_with_more_parameters_are_one_shape():
    one = shape_of("INSERT INTO a (tenant_id, x) VALUES (%s, %s)")

    assert one == shape_of("INSERT INTO a (tenant_id, x) VALUES (%s, %s), (%s, %s), (%s, %s)")
    assert shape_of("SELECT 1 FROM a WHERE id IN (%s)") == shape_of("SELECT 1 FROM a WHERE id IN (%s, %s, %s)")


def test_what_is_granted_is_counted_and_runs():
    granting = QueryLint({"a"}, {r"DELETE FROM a": "a reason"})

    assert granting(lambda *args: "ran", "DELETE FROM a", None, False, {}) == "ran"
    assert granting.figures["without tenant filter, granted"] == 1


@pytest.mark.django_db
def test_the_suite_listens(in_tenant):
    before = listener().figures["statements on tenant tables"]
    unbound = Customer.objects.all()
    unbound.query.where.children.clear()

    with pytest.raises(QueryLintError, match="customers_customer has no tenant_id"):
        list(unbound)

    assert listener().figures["statements on tenant tables"] > before
    listener().forgive()


@pytest.mark.django_db
def test_a_lookup_that_reads_every_row_is_caught_where_it_runs(in_tenant):
    with pytest.raises(QueryLintError, match="no index serves"):
        Customer.objects.filter(name__icontains="x").exists()
    listener().forgive()


@pytest.mark.django_db
def test_what_the_orm_writes_is_bound(in_tenant):
    contact = make_contact(make_customer(in_tenant))
    activity = make_activity(contact.customer, contact=contact)

    with_contacts = Contact.objects.filter(tenant_id=OuterRef("tenant_id"), customer=OuterRef("pk"))
    assert Customer.objects.filter(Exists(with_contacts)).get() == contact.customer
    assert Customer.objects.annotate(n=Count("contacts")).get().n == 1
    assert Activity.objects.select_related("customer", "contact").get() == activity
    assert Customer.objects.prefetch_related("contacts").get().contacts.all()[0] == contact
    assert Activity.objects.filter(Q(contact__name="x") | Q(customer__name=F("contact__name"))).count() == 0
    Customer.objects.select_for_update().get(pk=contact.customer_id)
    Customer.objects.bulk_update([contact.customer], ["name"])
    Customer.objects.bulk_create(
        [Customer(name="a", name_sort="a", external_id="1")],
        update_conflicts=True,
        unique_fields=["tenant", "id"],
        update_fields=["name"],
    )
    contact.save()
    contact.delete()
    assert Activity.objects.get().contact is None
