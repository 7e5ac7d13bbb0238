"""Several workers at the same mails, on connections that commit for real."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from crm.tenancy.context import tenant_atomic, use_tenant
from service.choices.mail import InboundVia
from service.inbound.storing import keep_mail
from service.inbound.taking import take_in_waiting
from service.models import InboundMail, Ticket
from tests.factories import make_tenant
from tests.factories.mail import make_mailbox, write_mail


def in_threads(work, times: int = 3) -> list:
    def connected(number):
        try:
            return work(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(connected, range(times)))


def test_several_workers_make_one_ticket_of_each_mail(committed_db):
    tenant = make_tenant("acme")
    with tenant_atomic(tenant):
        make_mailbox(confirms=False)
        for number in range(8):
            raw = write_mail(Subject=f"{number}", From=f"p{number}@river.example")
            keep_mail(raw=raw, via=InboundVia.COMMAND)

    def take(_number):
        with use_tenant(tenant):
            return len(list(take_in_waiting()))

    taken = in_threads(take)

    with tenant_atomic(tenant):
        assert sum(taken) == 8
        assert sorted(Ticket.objects.values_list("subject", flat=True)) == [f"{number}" for number in range(8)]
        assert set(Ticket.objects.values_list("number", flat=True)) == set(range(1, 9))


def test_of_a_mail_that_is_delivered_several_times_at_once_one_is_kept(committed_db):
    tenant = make_tenant("acme")
    raw = write_mail()

    def deliver(_number):
        with tenant_atomic(tenant):
            return keep_mail(raw=raw, via=InboundVia.COMMAND)[1]

    kept = in_threads(deliver)

    assert sorted(kept) == [False, False, True]
    with tenant_atomic(tenant):
        assert InboundMail.objects.count() == 1
