"""Quotes that many write at the same moment."""

from threading import Barrier, Thread

from django.db import connection

from crm.access.roles import Role
from crm.tenancy.context import tenant_atomic
from sales.models import Quote
from tests.factories import make_customer, make_member, make_tenant
from tests.factories.sales_documents import make_quote


def test_quotes_written_at_once_get_numbers_without_a_gap(committed_db):
    tenant = make_tenant("acme")
    membership = make_member(tenant, "sales@acme.example", Role.SALES)
    with tenant_atomic(tenant):
        customer = make_customer(tenant)
    start, faults = Barrier(6), []

    def write(turns: int) -> None:
        try:
            start.wait()
            for turn in range(turns):
                try:
                    with tenant_atomic(tenant):
                        make_quote(customer, membership.user)
                        if turn == 1:
                            raise KeyError  # a request that fails after it took its number
                except KeyError:
                    pass
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    writers = [Thread(target=write, args=(5,)) for _n in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert faults == []
    with tenant_atomic(tenant):
        numbers = sorted(Quote.objects.values_list("number", flat=True))
    assert numbers == [f"Q-2026-{number:04d}" for number in range(1, 25)]
