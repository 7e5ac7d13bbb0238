"""A report is of one moment: what others sell while it is made is in the next one. With real connections."""

from __future__ import annotations

import threading

from django.db import connection

from analytics.reports.running import of_one_moment
from crm.tenancy.context import tenant_atomic, use_tenant
from sales.models import Transaction
from tests.factories import make_tenant
from tests.factories.sales_documents import make_transaction


def test_what_is_sold_meanwhile_is_not_in_the_report(committed_db):
    tenant = make_tenant("acme")
    with tenant_atomic(tenant):
        make_transaction(None, tenant)

    def sell() -> None:
        try:
            with tenant_atomic(tenant):
                make_transaction(None, tenant)
        finally:
            connection.close()

    with use_tenant(tenant), of_one_moment():
        before = Transaction.objects.count()
        seller = threading.Thread(target=sell)
        seller.start()
        seller.join(timeout=30)
        after = Transaction.objects.count()

    assert (before, after) == (1, 1)
    with tenant_atomic(tenant):
        assert Transaction.objects.count() == 2
