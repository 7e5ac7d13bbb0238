"""The demo's mailbox, portal, mail that waits for a decision, and files: there once, however often it is loaded."""

import pytest
from django.core.management import call_command

from crm.demo.management.commands import load_demo
from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant
from customers.demo import fill_customers
from service.choices.mail import InboundReason, InboundState
from service.demo.tickets import fill_tickets
from service.demo.writing import open_doors
from service.models import InboundMail, Mailbox, PortalSettings, Ticket, TicketAttachment

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("slug", "greeting"), [("acme", "Tell us what is wrong"), ("huaxing", "请告诉我们")])
def test_the_demo_shows_every_door_in_its_language(settings, monkeypatch, client, slug, greeting):
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(load_demo, "fills", lambda: [fill_customers, fill_tickets, open_doors])
    for _ in range(2):
        call_command("load_demo", verbosity=0, tenant=slug, customers=60)

    with use_tenant(Tenant.objects.get(slug=slug)):
        assert Mailbox.objects.get().address == f"support@{slug}.example"
        assert PortalSettings.objects.get().greeting.startswith(greeting)
        found = set(InboundMail.objects.values_list("state", "reason"))
        assert found == {
            (InboundState.QUARANTINE, InboundReason.SPAM),
            (InboundState.QUARANTINE, InboundReason.LOOP),
            (InboundState.ASIDE, InboundReason.MACHINE),
            (InboundState.ASIDE, InboundReason.BULK),
        }
        assert Ticket.objects.count() == 60
        assert TicketAttachment.objects.count() == 3
    assert greeting in client.get(f"/p/{slug}/tickets/new/").content.decode()
