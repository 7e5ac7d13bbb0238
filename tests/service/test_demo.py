"""The demo's tickets: believable, the same each time, and added to without harm."""

import re

import pytest
from django.core.management import call_command
from django.db.models import Count, Max, Min

from crm.demo.management.commands import load_demo
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant
from customers.demo import fill_customers
from service.choices.tickets import EventKind, MessageKind, TicketStatus
from service.demo.tickets import fill_tickets
from service.models import Queue, Ticket, TicketMessage, TicketSearch
from service.operations.clock import CLOCK_FIELDS, settle_clock

pytestmark = pytest.mark.django_db

CUSTOMERS = 150


@pytest.fixture
def load(settings, monkeypatch):
    settings.DEMO = True
    # Only what tickets need: the other apps' stories take longer than theirs.
    monkeypatch.setattr(load_demo, "fills", lambda: [fill_customers, fill_tickets])
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def load(slug="acme", customers=CUSTOMERS):
        call_command("load_demo", verbosity=0, tenant=slug, customers=customers)
        return Tenant.objects.get(slug=slug)

    return load


def test_there_are_as_many_tickets_as_customers_over_two_years(load):
    with use_tenant(load()):
        span = Ticket.objects.aggregate(first=Min("created_at"), last=Max("created_at"), number=Max("number"))

        assert Ticket.objects.count() == TicketSearch.objects.count() == CUSTOMERS
        assert span["number"] == CUSTOMERS
        assert 600 < (span["last"] - span["first"]).days <= 731


def test_every_stage_of_a_tickets_life_is_there_and_most_promises_were_kept(load):
    with use_tenant(load()):
        by_status = dict(Ticket.objects.values_list("status").annotate(Count("pk")))
        missed = Ticket.objects.filter(first_reply_missed=True).count()

        assert {TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.SOLVED, TicketStatus.CLOSED} <= set(by_status)
        assert by_status[TicketStatus.CLOSED] > CUSTOMERS / 2
        assert 0 < missed < CUSTOMERS / 3


def test_what_the_clock_says_of_the_demo_is_what_its_log_says(load):
    with use_tenant(load()):
        tickets = list(Ticket.objects.all())
        before = {ticket.pk: [getattr(ticket, name) for name in CLOCK_FIELDS] for ticket in tickets}
        now = max(ticket.updated_at for ticket in tickets)

        settle_clock([ticket for ticket in tickets if not ticket.is_unsolved], now)

        after = {ticket.pk: [getattr(ticket, name) for name in CLOCK_FIELDS] for ticket in tickets}
        assert after == before


@pytest.mark.parametrize(("slug", "letters"), [("acme", "[A-Za-z]"), ("huaxing", "[一-鿿]")])
def test_people_write_the_tenants_language(load, slug, letters):
    with use_tenant(load(slug, 40)):
        texts = list(TicketMessage.objects.values_list("text", flat=True))

        assert all(re.search(letters, text) for text in texts)
        if slug == "acme":
            assert not any(re.search("[一-鿿]", text) for text in texts)


def test_threads_go_back_and_forth(load):
    with use_tenant(load()):
        kinds = set(TicketMessage.objects.values_list("kind", flat=True))
        longest = Ticket.objects.annotate(said=Count("messages")).aggregate(most=Max("said"))["most"]

        assert kinds == set(MessageKind)
        assert longest >= 4


def test_loaded_again_with_more_customers_it_adds_and_changes_nothing(load):
    with use_tenant(load(customers=30)):
        before = list(Ticket.objects.order_by("number").values_list("external_id", "subject", "status", "version"))
        load(customers=30)
        assert Ticket.objects.count() == 30

        load(customers=50)

        rows = Ticket.objects.order_by("number").values_list("external_id", "subject", "status", "version")
        assert list(rows)[:30] == before
        assert len(rows) == 50
        assert Queue.objects.count() == 3


def test_every_log_begins_with_the_ticket_coming_in(load):
    with use_tenant(load(customers=60)):
        for ticket in Ticket.objects.prefetch_related("events"):
            first = min(ticket.events.all(), key=lambda event: (event.at, event.pk))
            assert (first.kind, first.at) == (EventKind.CREATED, ticket.created_at)
