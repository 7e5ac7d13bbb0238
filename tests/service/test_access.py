"""Who sees which tickets, and what else than the page leads to them."""

import re

import pytest

from crm.access.policy import may, visible
from crm.access.roles import Role
from crm.search.registry import search
from service.models import Queue, Ticket, TicketMessage
from tests.conftest import sign_in
from tests.factories import make_customer, make_member
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db


def seen(member):
    return set(visible(member.membership, Ticket).values_list("subject", flat=True))


@pytest.fixture
def tickets(in_tenant, owner, colleague, teams, queue):
    """Somebody's customer's, one that a person works on, one that waits in a team's queue, and one of nobody."""
    Queue.objects.filter(pk=queue.pk).update(team=teams["south"])
    north = make_queue(name="North", team=teams["north"])
    mine = make_customer(in_tenant, name="Mine", owner=owner.user)
    make_ticket(queue=queue, subject="My customer's", customer=mine)
    make_ticket(queue=queue, subject="I work on it", assignee=owner.user)
    make_ticket(queue=north, subject="In my team's queue")
    make_ticket(queue=queue, subject="Of nobody")
    return {ticket.subject: ticket for ticket in Ticket.objects.all()}


def test_a_representative_sees_own_tickets_and_those_of_own_customers(owner, tickets):
    assert seen(owner) == {"My customer's", "I work on it"}


def test_a_manager_sees_those_of_the_team_and_of_its_queues(manager, tickets):
    assert seen(manager) == {"My customer's", "I work on it", "In my team's queue"}


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.SUPPORT_LEAD, Role.READER, Role.ANALYST, Role.ADMIN])
def test_service_and_those_who_look_at_everything_see_all(tenant, tickets, role):
    member = sign_in(make_member(tenant, "somebody@acme.example", role))

    assert seen(member) == set(tickets)


def test_an_agent_whose_reach_is_the_team_sees_its_queues(tenant, teams, tickets):
    member = sign_in(
        make_member(tenant, "north@acme.example", Role.SUPPORT, team=teams["north"], scopes={"tickets": "team"})
    )

    assert seen(member) == {"In my team's queue", "I work on it", "My customer's"}


def test_what_was_said_is_seen_with_its_ticket(owner, tickets):
    found = visible(owner.membership, TicketMessage).values_list("ticket__subject", flat=True)

    assert set(found) == {"My customer's", "I work on it"}


def test_list_page_search_and_export_lead_to_the_same_tickets(owner, tickets):
    hidden = tickets["Of nobody"]

    assert "Of nobody" not in owner.get("service/tickets/").content.decode()
    assert owner.get(f"service/tickets/{hidden.pk}/").status_code == 404
    assert owner.post(f"service/tickets/{hidden.pk}/note/", {"text": "Hello"}).status_code == 404
    assert search(owner.membership, "nobody", 10) == []
    assert search(owner.membership, f"#{hidden.number:02d}", 10) == []


def test_a_representative_may_take_down_and_note_and_not_answer(owner, tickets):
    ticket = tickets["My customer's"]

    assert may(owner.membership, "note", ticket)
    assert not may(owner.membership, "reply", ticket)
    assert not may(owner.membership, "assign", ticket)
    assert owner.post(f"service/tickets/{ticket.pk}/note/", {"text": "They are important."}).status_code == 302
    assert owner.post(f"service/tickets/{ticket.pk}/reply/", {"text": "Hello", "status": "2"}).status_code == 403


def test_the_palette_finds_a_ticket_by_number_subject_customer_and_sender(agent, in_tenant, queue):
    customer = make_customer(in_tenant, name="华星贸易")
    for _ in range(11):
        make_ticket(queue=queue)
    make_ticket(queue=queue, subject="打印机 broken", customer=customer, sender_email="li@hua.example")

    for text in ("12", "#12", "打印机", "broken", "华星", "huaxing", "li@hua"):
        assert found_by(agent, text) == ["#12 打印机 broken"], text


def found_by(member, text):
    """The tickets among what the palette shows."""
    page = member.get("search/results/", data={"q": text, "part": "rest"}).content.decode()
    return sorted(set(re.findall(r"#\d+ [^<\"]+", page)))


def test_a_customer_that_is_renamed_is_found_by_the_new_name(agent, in_tenant, queue):
    customer = make_customer(in_tenant, name="Old Mill")
    make_ticket(queue=queue, customer=customer)

    customer.name = "Silver Lake"
    customer.save()

    assert found_by(agent, "Silver") == ["#1 Printer on fire"]
    assert found_by(agent, "Mill") == []


def test_the_admin_shows_what_operations_settle_and_changes_none_of_it(admin, ticket):
    page = admin.get(f"admin/service/ticket/{ticket.pk}/change/").content.decode()
    fields = set(re.findall(r'name="(\w+)"', page))

    assert {"subject", "customer"} <= fields
    assert not fields & {"status", "priority", "queue", "assignee"}
    assert admin.get("admin/service/ticket/add/").status_code == 403
    assert (
        "It does not work."
        in admin.get(f"admin/service/ticketmessage/{ticket.messages.get().pk}/change/").content.decode()
    )
