"""Two people at one ticket in the same moment, in two connections: one consistent history, and the second is told."""

from crm.access.roles import Role
from crm.tenancy.context import tenant_atomic
from service.choices.tickets import EventKind, MessageKind
from service.models import Ticket, TicketEvent
from service.operations.tickets import open_ticket
from tests.conftest import sign_in
from tests.crm.pages.test_race import at_once
from tests.factories import make_member, make_tenant
from tests.factories.service import make_queue, make_ticket


def desk(tenant):
    agents = [sign_in(make_member(tenant, f"support{number}@acme.example", Role.SUPPORT)) for number in range(3)]
    with tenant_atomic(tenant):
        return agents, make_ticket(queue=make_queue(is_default=True))


def test_of_several_who_answer_at_once_one_reply_goes_out_and_the_others_keep_their_text(committed_db):
    tenant = make_tenant()
    agents, ticket = desk(tenant)
    with tenant_atomic(tenant):
        seen = ticket.events.get().pk

    answers = at_once(
        *(
            lambda agent=agent: agent.post(
                f"service/tickets/{ticket.pk}/reply/", {"text": f"From {agent.user.pk}", "status": "2", "seen": seen}
            )
            for agent in agents
        )
    )

    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]
    refused = [(agent, answer) for agent, answer in zip(agents, answers, strict=True) if answer.status_code == 422]
    with tenant_atomic(tenant):
        reply = ticket.messages.get(kind=MessageKind.REPLY)
        assert TicketEvent.objects.filter(kind=EventKind.STATUS).count() == 1
        assert Ticket.objects.get().assignee_id == reply.author_id
    for agent, answer in refused:
        page = answer.content.decode()
        assert f"From {agent.user.pk}</textarea>" in page
        assert reply.text in page


def test_of_several_who_take_a_ticket_the_last_has_it_and_the_log_says_each_step(committed_db):
    tenant = make_tenant()
    agents, ticket = desk(tenant)

    answers = at_once(*(lambda agent=agent: agent.post(f"service/tickets/{ticket.pk}/take/") for agent in agents))

    assert {answer.status_code for answer in answers} == {302}
    with tenant_atomic(tenant):
        log = list(TicketEvent.objects.filter(kind=EventKind.ASSIGNEE).order_by("pk").values_list("before", "after"))
        assert [before for before, _after in log] == ["", *(after for _before, after in log[:-1])]
        assert str(Ticket.objects.get().assignee_id) == log[-1][1]


def test_of_several_who_solve_a_ticket_one_does_and_the_others_are_told(committed_db):
    tenant = make_tenant()
    agents, ticket = desk(tenant)

    answers = at_once(
        *(lambda agent=agent: agent.post(f"service/tickets/{ticket.pk}/status/", {"status": "3"}) for agent in agents)
    )

    assert sorted(answer.status_code for answer in answers) == [302, 422, 422]
    with tenant_atomic(tenant):
        assert TicketEvent.objects.filter(kind=EventKind.STATUS).count() == 1


def test_tickets_that_come_in_at_once_have_numbers_of_their_own(committed_db):
    tenant = make_tenant()
    with tenant_atomic(tenant):
        queue = make_queue()

    def come_in():
        with tenant_atomic(tenant):
            return open_ticket(ticket=Ticket(subject="Hello", queue=queue), text="Hello").ticket.number

    assert sorted(at_once(*[come_in] * 6)) == [1, 2, 3, 4, 5, 6]
