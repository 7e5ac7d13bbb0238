"""Tampering with the trail is refused to the application, and found out when the owner of the database does it."""

from contextlib import contextmanager
from io import StringIO
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from crm.audit.models import AuditEntry, AuditHead, AuditLink, AuditPending
from crm.audit.verify import verify
from crm.embedded.provision import as_owner
from crm.tenancy.context import tenant_atomic, use_tenant
from customers.models import Customer
from tests.factories import make_customer, make_tenant


@pytest.fixture
def chained(committed_db):
    """A tenant with a chain of five links; the fourth seals three entries."""
    tenant = make_tenant()  # the first
    for number in range(2):
        with tenant_atomic(tenant):
            make_customer(tenant, name=f"C{number}", city="A")
    with tenant_atomic(tenant):
        make_customer(tenant, name="C2", city="A")
        Customer.objects.filter(name__in=["C0", "C1"]).update(city="B")
    with tenant_atomic(tenant):
        Customer.objects.filter(name="C2").update(city="C")
    return tenant


@contextmanager
def tampering(tenant, *tables):
    """What only the owner can do: switch the guard off, and change what is in the trail."""
    with as_owner(), transaction.atomic(), connection.cursor() as cursor:
        for table in ("audit_auditentry", "audit_auditlink"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(f"SET LOCAL app.tenant_id = '{tenant.pk}'")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("audit_auditentry", "audit_auditlink"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def test_the_chain_has_one_link_for_each_transaction(chained):
    with tenant_atomic(chained):
        links = list(AuditLink.objects.order_by("position").values_list("position", "entry_count"))

        assert links == [(1, 1), (2, 1), (3, 1), (4, 3), (5, 1)]
        assert not AuditPending.objects.exists()
    verdict = verify(chained)
    assert (verdict.is_intact, verdict.links, verdict.entries, verdict.head_position) == (True, 5, 7, 5)


@pytest.mark.parametrize("table", ["audit_auditentry", "audit_auditlink", "audit_audithead", "audit_auditpending"])
@pytest.mark.parametrize(
    "statement",
    ["INSERT INTO {} DEFAULT VALUES", "UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {}"],
    ids=["insert", "update", "delete", "truncate"],
)
def test_the_application_may_only_read_it(chained, table, statement):
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_atomic(chained):
        connection.cursor().execute(statement.format(table))


def test_the_application_cannot_borrow_the_functions_for_a_table_of_its_own(chained):
    with pytest.raises(ProgrammingError, match="permission denied"), tenant_atomic(chained):
        cursor = connection.cursor()
        cursor.execute("CREATE TEMPORARY TABLE mine (id bigint, tenant_id bigint) ON COMMIT DROP")
        cursor.execute(
            "CREATE TRIGGER forge AFTER INSERT ON mine REFERENCING NEW TABLE AS new_rows "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_changes('customers.customer')"
        )


def test_the_application_cannot_claim_a_change_by_an_event(chained):
    with pytest.raises(ProgrammingError, match="Only the database itself"), tenant_atomic(chained):
        connection.cursor().execute("SELECT audit_event('update', 'customers.customer', 1, 1, '{}')")


@pytest.mark.parametrize("change", ["UPDATE audit_auditentry SET kind = 'x'", "DELETE FROM audit_auditlink"])
def test_even_the_owner_must_first_switch_the_guard_off(chained, change):
    with (
        as_owner(),
        pytest.raises(ProgrammingError, match="only ever added to"),
        tenant_atomic(chained),
    ):
        connection.cursor().execute(change)


def entry_of(position: int, which: int = 0) -> str:
    return (
        f"(SELECT e.id FROM audit_auditentry e JOIN audit_auditlink l ON e.transaction = l.transaction "
        f"WHERE l.position = {position} ORDER BY e.id OFFSET {which} LIMIT 1)"
    )


@pytest.mark.parametrize(
    ("change", "fault", "position"),
    [
        (f"UPDATE audit_auditentry SET actor_id = 99 WHERE id = {entry_of(3)}", "entry", 3),
        (f"UPDATE audit_auditentry SET changes = '{{}}' WHERE id = {entry_of(4, 1)}", "entry", 4),
        (f"UPDATE audit_auditentry SET at = at - interval '1 day' WHERE id = {entry_of(2)}", "entry", 2),
        # With its digest made to fit, the link tells.
        (
            f"UPDATE audit_auditentry SET kind = 'x' WHERE id = {entry_of(2)}; "
            f"UPDATE audit_auditentry e SET digest = audit_digest(e) WHERE id = {entry_of(2)}",
            "link",
            2,
        ),
        (f"DELETE FROM audit_auditentry WHERE id = {entry_of(4, 2)}", "entries", 4),
        ("DELETE FROM audit_auditlink WHERE position = 3", "gap", 3),
        ("UPDATE audit_auditlink SET at = now() WHERE position = 3", "link", 3),
        # With its own hash made to fit, the next one tells.
        (
            "UPDATE audit_auditlink SET at = now() WHERE position = 3; UPDATE audit_auditlink l SET hash = "
            "audit_link_hash(l, (SELECT sha256(string_agg(e.digest, '')) FROM audit_auditentry e "
            "WHERE e.transaction = l.transaction)) WHERE position = 3",
            "order",
            4,
        ),
        (
            "UPDATE audit_auditlink SET position = -3 WHERE position = 3; "
            "UPDATE audit_auditlink SET position = 3 WHERE position = 4; "
            "UPDATE audit_auditlink SET position = 4 WHERE position = -3",
            "order",
            3,
        ),
        (
            "DELETE FROM audit_auditentry e USING audit_auditlink l "
            "WHERE e.transaction = l.transaction AND l.position > 3; DELETE FROM audit_auditlink WHERE position > 3",
            "tail",
            4,
        ),
        ("UPDATE audit_audithead SET hash = sha256('x')", "head", 5),
        ("UPDATE audit_audithead SET position = 4", "head", 5),
    ],
    ids=[
        "actor", "one of several", "time", "digest too", "entry deleted", "link deleted", "link altered",
        "link altered with its hash", "reordered", "tail cut", "head hash", "head position",
    ],
)  # fmt: skip
def test_tampering_is_found_at_its_position(chained, change, fault, position):
    with tampering(chained) as cursor:
        cursor.execute(change)

    verdict = verify(chained)

    assert (verdict.fault, verdict.position) == (fault, position)


def test_an_entry_put_in_by_hand_is_found(chained):
    with tampering(chained) as cursor:
        cursor.execute(
            "INSERT INTO audit_auditentry (tenant_id, at, action, kind, row_count, changes, detail, request_id, "
            "transaction, digest) VALUES (app_tenant(), now(), 'delete', 'tags', 1, '{}', '{}', '', 1, '') RETURNING id"
        )
        (forged,) = cursor.fetchone()

    verdict = verify(chained)

    assert (verdict.fault, verdict.entry_id) == ("unsealed", forged)


def test_the_command_names_the_first_broken_position_and_fails(chained):
    with tampering(chained) as cursor:
        cursor.execute(f"UPDATE audit_auditentry SET actor_id = 99 WHERE id IN ({entry_of(3)}, {entry_of(5)})")
    out = StringIO()

    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", tenant="acme", stdout=out)

    assert refused.value.returncode == 1
    assert "acme: BROKEN at position 3: an entry was altered" in out.getvalue()


def test_the_command_says_where_an_intact_chain_ends(chained):
    other = make_tenant("huaxing")
    out = StringIO()

    call_command("verify_audit", all_tenants=True, stdout=out)

    with tenant_atomic(chained):
        end = bytes(AuditHead.objects.get().hash).hex()
    assert f"acme: intact, 5 links, 7 entries, ends at position 5 with {end}\n" in out.getvalue()
    assert "huaxing: intact, 1 links, 1 entries, ends at position 1 " in out.getvalue()
    assert verify(other).is_intact


def test_a_long_chain_is_checked_in_pieces(chained, monkeypatch):
    monkeypatch.setattr("crm.audit.verify.LINKS_AT_A_TIME", 2)

    assert verify(chained).links == 5
    with tampering(chained) as cursor:
        cursor.execute("UPDATE audit_auditlink SET previous_hash = sha256('x') WHERE position = 5")
    assert verify(chained).position == 5


def test_checks_in_the_middle_of_a_transaction_seal_what_there_is(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        make_customer(tenant)
        connection.check_constraints()
        make_customer(tenant)
        assert AuditLink.objects.count() == 2

    with tenant_atomic(tenant):
        assert AuditLink.objects.count() == 3
    assert verify(tenant).is_intact


def test_a_transaction_that_ends_outside_the_tenant_is_sealed_in_it(committed_db):
    tenant, other = make_tenant(), make_tenant("huaxing")
    with transaction.atomic():
        for each in (tenant, other, tenant):
            with use_tenant(each):
                make_customer(each)

    assert [verify(each).entries for each in (tenant, other)] == [3, 2]
    assert verify(tenant).is_intact
    assert verify(other).is_intact
    with tenant_atomic(tenant):
        assert AuditEntry.objects.count() == 3


def test_a_long_transaction_keeps_nobody_waiting(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        make_customer(tenant)
        quick = in_a_thread(lambda: create_customers(tenant, 1))
        quick.join(timeout=5)
        assert not quick.is_alive()

    with tenant_atomic(tenant):
        # The quick one was sealed first, though it began later.
        first, second = AuditLink.objects.order_by("position")[1:]
        assert first.first_entry > second.first_entry
    assert verify(tenant).is_intact


def test_writers_at_the_same_time_make_one_chain(committed_db):
    tenant = make_tenant()

    threads = [in_a_thread(lambda: create_customers(tenant, 15)) for _ in range(4)]
    for thread in threads:
        thread.join()

    verdict = verify(tenant)
    assert (verdict.fault, verdict.links, verdict.entries) == ("", 61, 121)


def create_customers(tenant, count: int) -> None:
    for number in range(count):
        with tenant_atomic(tenant):
            customer = make_customer(tenant, name=f"C{number}")
            Customer.objects.filter(pk=customer.pk).update(city="B")


def in_a_thread(work) -> Thread:
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread
