"""The tenant lives as long as the transaction, on a connection that commits for real."""

from django.db import transaction

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
