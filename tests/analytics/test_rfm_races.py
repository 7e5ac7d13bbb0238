"""Two computations at once, and readers beside them."""

import threading
from datetime import date

from django.db import connection, transaction

from analytics.models import CustomerRfm, RfmSummary
from analytics.operations.rfm import compute_rfm
from crm.tenancy.context import tenant_atomic, use_tenant
from tests.factories import make_customer, make_tenant
from tests.factories.sales_documents import make_transaction

TODAY = date(2999, 1, 1)


def test_two_at_once_sum_up_once(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        for place in range(20):
            make_transaction(make_customer(tenant, name=f"Customer {place}"), tenant, amount=100 + place)
    together, faults = threading.Barrier(2, timeout=30), []

    def compute() -> None:
        try:
            with use_tenant(tenant):
                together.wait()
                compute_rfm(tenant=tenant, as_of=TODAY)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=compute) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert faults == []
    with tenant_atomic(tenant):
        assert CustomerRfm.objects.count() == 20
        assert sum(RfmSummary.objects.values_list("customer_count", flat=True)) == 20


def test_reader_waits_for_nothing_and_sees_the_former_state(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        make_transaction(make_customer(tenant), tenant, amount=100)
        compute_rfm(tenant=tenant, as_of=TODAY)
        make_transaction(make_customer(tenant, name="Red Hill"), tenant, amount=900)
    seen = []

    def read() -> None:
        try:
            with tenant_atomic(tenant):
                seen.append(list(CustomerRfm.objects.values_list("total_amount", flat=True)))
        finally:
            connection.close()

    with use_tenant(tenant), transaction.atomic():
        compute_rfm(tenant=tenant, as_of=TODAY)
        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=10)

    assert seen == [[100]]
    with tenant_atomic(tenant):
        assert CustomerRfm.objects.count() == 2
