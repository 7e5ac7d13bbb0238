"""Segments by the tickets that customers have open."""

import pytest

from service.choices.tickets import TicketStatus
from service.models import Ticket
from tests.crm.segmentable.test_conditions import found, rule
from tests.factories import make_customer
from tests.factories.service import make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(in_tenant):
    """a has two open tickets, b one and one that is solved, c none; and one ticket is nobody's."""
    a, b, _c = (make_customer(in_tenant, name=name) for name in "abc")
    for customer in (a, a, b, None):
        make_ticket(customer=customer)
    Ticket.objects.filter(pk=make_ticket(customer=b).pk).update(status=TicketStatus.SOLVED)
    return in_tenant


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (("at_least", 1), "ab"),
        (("at_least", 2), "a"),
        (("at_least", 3), ""),
        (("at_most", 0), "c"),
        (("at_most", 1), "bc"),
    ],
)
def test_open_tickets_are_counted(customers, asked, names):
    assert found(customers, rule("service.open_tickets", *asked)) == set(names)
