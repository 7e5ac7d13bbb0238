"""The clock's tick and the closing of what was solved, for every tenant."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from crm.tenancy.context import use_tenant
from service import tasks
from service.choices.tickets import TicketStatus
from service.models import Ticket
from service.operations.tickets import change_tickets
from tests.factories.service import make_ticket

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=30)


def unmarked(ticket):
    Ticket.objects.filter(pk=ticket.pk).update(next_miss_at=LONG_AGO, first_reply_missed=False)
    return ticket


def test_the_tick_goes_through_all_tenants(tenant, other_tenant):
    for one in (tenant, other_tenant):
        with use_tenant(one):
            unmarked(make_ticket(now=LONG_AGO))

    tasks.tick()

    for one in (tenant, other_tenant):
        with use_tenant(one):
            assert Ticket.objects.get().first_reply_missed


def test_trouble_in_one_tenant_keeps_no_other_clock_from_going_on(tenant, other_tenant, monkeypatch):
    with use_tenant(other_tenant):
        unmarked(make_ticket(now=LONG_AGO))
    mark, calls = tasks.mark_missed, []

    def fails_once():
        calls.append(1)
        if len(calls) == 1:
            raise OperationalError
        return mark()

    monkeypatch.setattr(tasks, "mark_missed", fails_once)
    tasks.tick()

    with use_tenant(other_tenant):
        assert Ticket.objects.get().first_reply_missed


def test_what_was_solved_a_week_ago_is_closed(tenant):
    with use_tenant(tenant):
        make_ticket(now=LONG_AGO - timedelta(days=1))
        change_tickets(tickets=Ticket.objects.all(), by=None, status=TicketStatus.SOLVED, now=LONG_AGO)

    tasks.close_what_was_solved()

    with use_tenant(tenant):
        assert Ticket.objects.get().status == TicketStatus.CLOSED


def test_a_tenant_that_is_switched_off_is_left_alone(tenant):
    with use_tenant(tenant):
        unmarked(make_ticket(now=LONG_AGO))
    type(tenant).objects.filter(pk=tenant.pk).update(is_active=False)

    tasks.tick()

    with use_tenant(tenant):
        assert not Ticket.objects.get().first_reply_missed
