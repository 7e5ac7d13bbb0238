"""The tenant lives as long as the transaction, on a connection that commits for real."""

import contextlib

import psycopg
from django.db import OperationalError, connection, transaction

from crm.tenancy.context import tenant_atomic, use_tenant
from tests.crm.tenancy.test_isolation import count_by_sql
from tests.factories import make_customer, make_tenant


def test_setting_ends_with_the_transaction(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        make_customer(tenant)
        assert count_by_sql() == 1

    with transaction.atomic():
        assert count_by_sql() == 0
    with use_tenant(tenant):
        assert count_by_sql() == 0  # no transaction, no setting
        with transaction.atomic():
            assert count_by_sql() == 1


def test_a_connection_that_dies_as_a_transaction_begins_is_replaced(committed_db, servers):
    tenant = make_tenant()
    with use_tenant(tenant):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        with psycopg.connect(servers, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

        for _attempt in range(2):
            with contextlib.suppress(OperationalError), transaction.atomic():
                count_by_sql()

        with transaction.atomic():
            make_customer(tenant)
            assert count_by_sql() == 1
