"""What happens to a ticket, and what its log and its clock say of it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm.errors import NothingToDo
from crm.jobs.choices import JobState
from crm.jobs.models import Job
from crm.jobs.runner import run_job
from service.choices.tickets import EventKind, MessageKind, TicketChannel, TicketPriority, TicketStatus
from service.models import Queue, SpecialDay, Ticket, TicketEvent
from service.operations import outgoing
from service.operations.clock import mark_missed
from service.operations.settings import create_defaults, save_policy, save_queue, save_special_day, settle_again
from service.operations.tickets import (
    add_note,
    change_ticket,
    change_tickets,
    close_solved,
    default_queue,
    receive_message,
    reply_to_ticket,
    save_ticket,
    take_numbers,
)
from tests.factories import make_customer
from tests.factories.service import make_calendar, make_policy, make_queue, make_ticket

pytestmark = pytest.mark.django_db


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


MONDAY = at("23T09:00")


def log_of(ticket):
    return [(event.kind, event.before, event.after) for event in ticket.events.order_by("at", "id")]


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


# -- coming in


def test_tickets_are_counted_in_each_tenant(in_tenant, other_tenant, queue):
    from crm.tenancy.context import use_tenant

    assert [make_ticket().number for _ in range(3)] == [1, 2, 3]
    with use_tenant(other_tenant):
        assert make_ticket().number == 1


def test_several_numbers_are_taken_at_once(in_tenant):
    assert [*take_numbers(1), *take_numbers(3), *take_numbers(1)] == [1, 2, 3, 4, 5]


def test_a_new_ticket_has_its_first_message_and_is_due(agent, queue, customer):
    ticket = fresh(make_ticket(queue=queue, customer=customer, text="Smoke!", by=agent.user, now=MONDAY))

    message = ticket.messages.get()
    assert (message.kind, message.text, message.author) == (MessageKind.INBOUND, "Smoke!", agent.user)
    assert log_of(ticket) == [(EventKind.CREATED, "", "0")]
    assert (ticket.due_at, ticket.resolve_due_at) == (at("23T11:00"), at("24T12:00"))
    assert ticket.next_miss_at == ticket.due_at


def test_a_ticket_that_somebody_takes_down_for_themselves_is_open(agent, queue):
    assert make_ticket(queue=queue, assignee=agent.user).status == TicketStatus.OPEN


def test_a_ticket_without_a_queue_goes_to_the_one_for_all(in_tenant, queue):
    other = make_queue(name="Returns")
    save_queue(queue=Queue(name="Front desk", calendar=queue.calendar, is_default=True), user=None)

    assert make_ticket(queue=None).queue.name == "Front desk"
    assert not Queue.objects.get(pk=queue.pk).is_default
    assert other.pk != default_queue().pk


def test_a_tenant_without_any_queue_gets_one_with_its_first_ticket(in_tenant):
    assert default_queue().name == "Support"


def test_a_new_tenant_has_calendar_policy_and_queue_in_its_language(other_tenant):
    from crm.tenancy.context import use_tenant

    with use_tenant(other_tenant):
        queue = create_defaults(other_tenant)

        assert (queue.calendar.monday, queue.calendar.time_zone) == ("09:00-12:00, 13:00-18:00", "Asia/Shanghai")
        assert queue.policy.urgent_first_reply == 60


# -- replies and notes


def test_a_reply_answers_takes_and_waits(agent, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)

    reply_to_ticket(ticket=ticket, author=agent.user, text="Have you tried water?", now=at("23T10:00"))

    ticket = fresh(ticket)
    assert (ticket.status, ticket.assignee, ticket.first_replied_at) == (
        TicketStatus.PENDING,
        agent.user,
        at("23T10:00"),
    )
    assert ticket.due_at is None
    assert log_of(ticket)[1:] == [
        (EventKind.REPLY, "", ""),
        (EventKind.ASSIGNEE, "", str(agent.user.pk)),
        (EventKind.STATUS, "0", "2"),
    ]


def test_a_reply_leaves_the_ticket_with_whom_it_is(agent, other_agent, queue):
    ticket = make_ticket(queue=queue, assignee=other_agent.user)

    reply_to_ticket(ticket=ticket, author=agent.user, text="I help out.", status=TicketStatus.SOLVED)

    ticket = fresh(ticket)
    assert (ticket.assignee, ticket.status) == (other_agent.user, TicketStatus.SOLVED)
    assert ticket.solved_at is not None


def test_a_reply_is_handed_to_whoever_carries_it_out_and_a_note_is_not(agent, ticket, monkeypatch):
    carried = []
    monkeypatch.setattr(outgoing, "_carriers", [])
    outgoing.register_carrier(carried.append)

    add_note(ticket=ticket, author=agent.user, text="They are angry.")
    reply = reply_to_ticket(ticket=ticket, author=agent.user, text="We are sorry.")

    assert carried == [reply]


@pytest.mark.parametrize("status", [TicketStatus.PENDING, TicketStatus.SOLVED, TicketStatus.CLOSED])
def test_what_the_customer_writes_opens_the_ticket_again(agent, ticket, status):
    change_ticket(ticket=ticket, by=agent.user, status=status)

    receive_message(
        ticket=ticket, text="It burns again.", sender_name="Ann", channel=TicketChannel.EMAIL, message_id="<a@b>"
    )

    ticket = fresh(ticket)
    assert (ticket.status, ticket.solved_at, ticket.closed_at) == (TicketStatus.OPEN, None, None)
    assert log_of(ticket)[-2:] == [(EventKind.INBOUND, "", ""), (EventKind.STATUS, str(status.value), "1")]


def test_an_answer_of_a_machine_opens_nothing(agent, ticket):
    change_ticket(ticket=ticket, by=agent.user, status=TicketStatus.SOLVED)

    receive_message(ticket=ticket, text="I am on holiday.", channel=TicketChannel.EMAIL, reopens=False)

    assert fresh(ticket).status == TicketStatus.SOLVED


def test_a_new_ticket_stays_new_when_the_customer_adds_something(ticket):
    receive_message(ticket=ticket, text="One more thing", channel=TicketChannel.PORTAL)

    assert fresh(ticket).status == TicketStatus.NEW


def test_a_note_changes_nothing_but_the_log(agent, ticket):
    add_note(ticket=ticket, author=agent.user, text="Called the fire brigade.")

    after = fresh(ticket)
    assert (after.status, after.assignee, after.due_at) == (ticket.status, None, ticket.due_at)
    assert log_of(after)[-1] == (EventKind.NOTE, "", "")


# -- changes to one and to many


def test_a_change_is_written_down_with_what_was_before(agent, other_agent, queue, ticket):
    returns = make_queue(name="Returns")

    change_tickets(
        tickets=Ticket.objects.filter(pk=ticket.pk),
        by=agent.user,
        assignee=other_agent.user,
        queue=returns,
        priority=TicketPriority.URGENT,
    )

    assert log_of(fresh(ticket))[1:] == [
        (EventKind.ASSIGNEE, "", str(other_agent.user.pk)),
        (EventKind.STATUS, "0", "1"),
        (EventKind.QUEUE, str(queue.pk), str(returns.pk)),
        (EventKind.PRIORITY, "1", "3"),
    ]


def test_only_tickets_that_are_otherwise_are_changed(agent, queue):
    tickets = [make_ticket(queue=queue) for _ in range(3)]
    change_ticket(ticket=tickets[0], by=agent.user, status=TicketStatus.SOLVED)
    versions = dict(Ticket.objects.values_list("pk", "version"))

    changed = change_tickets(tickets=Ticket.objects.all(), by=agent.user, status=TicketStatus.SOLVED)

    assert changed == 2
    assert dict(Ticket.objects.values_list("pk", "version")) == versions | {
        tickets[1].pk: versions[tickets[1].pk] + 1,
        tickets[2].pk: versions[tickets[2].pk] + 1,
    }


def test_whoever_is_slower_is_told_that_it_is_so_already(agent, other_agent, ticket):
    change_ticket(ticket=ticket, by=other_agent.user, assignee=agent.user)

    with pytest.raises(NothingToDo):
        change_ticket(ticket=ticket, by=agent.user, assignee=agent.user)


def test_a_higher_priority_brings_the_deadline_forward(agent, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)

    change_tickets(
        tickets=Ticket.objects.filter(pk=ticket.pk), by=agent.user, priority=TicketPriority.URGENT, now=at("23T09:10")
    )

    assert fresh(ticket).due_at == at("23T09:30")


def test_another_queue_has_another_calendar_and_keeps_the_time_that_was_used(agent, queue):
    round_the_clock = make_calendar(
        name="Always",
        **dict.fromkeys(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"], "00:00-24:00"),
    )
    night = make_queue(name="Night", calendar=round_the_clock, policy=make_policy(name="Night", normal_resolve=600))
    ticket = make_ticket(queue=queue, now=MONDAY)
    change_tickets(
        tickets=Ticket.objects.filter(pk=ticket.pk), by=agent.user, status=TicketStatus.PENDING, now=at("23T10:00")
    )
    change_tickets(
        tickets=Ticket.objects.filter(pk=ticket.pk), by=agent.user, status=TicketStatus.OPEN, now=at("25T10:00")
    )

    change_tickets(tickets=Ticket.objects.filter(pk=ticket.pk), by=agent.user, queue=night, now=at("25T11:00"))

    # One hour before it waited; nine are left since ten on Wednesday.
    assert fresh(ticket).resolve_due_at == at("25T19:00")


def test_an_edit_of_a_ticket_writes_queue_and_priority_into_the_log(agent, ticket, in_tenant):
    other = make_customer(in_tenant, name="Red Hill Ltd")
    ticket = fresh(ticket)
    ticket.subject, ticket.customer, ticket.priority = "Printer is cold", other, 2

    save_ticket(ticket=ticket, by=agent.user)

    after = fresh(ticket)
    assert (after.subject, after.customer, after.priority, after.version) == ("Printer is cold", other, 2, 2)
    assert log_of(after)[-1] == (EventKind.PRIORITY, "1", "2")


# -- the clock


def test_the_tick_marks_what_was_missed_and_only_once(queue):
    ticket = make_ticket(queue=queue, now=MONDAY)
    make_ticket(queue=queue, now=at("23T14:00"))

    assert mark_missed(now=at("23T11:00")) == 0
    assert mark_missed(now=at("23T13:30")) == 1
    assert mark_missed(now=at("23T13:31")) == 0

    after = fresh(ticket)
    assert (after.first_reply_missed, after.resolve_missed, after.version) == (True, False, ticket.version)
    assert log_of(after)[-1] == (EventKind.MISSED, "", "first_reply")
    assert TicketEvent.objects.filter(kind=EventKind.MISSED).get().at == at("23T11:00")
    assert after.due_at == at("23T11:00")
    assert after.next_miss_at == at("24T12:00")


def test_the_tick_marks_the_second_target_after_the_first(queue):
    ticket = make_ticket(queue=queue, now=MONDAY)
    mark_missed(now=at("23T13:30"))

    mark_missed(now=at("25T09:00"))

    after = fresh(ticket)
    assert (after.first_reply_missed, after.resolve_missed, after.next_miss_at) == (True, True, None)
    assert [event for event in log_of(after) if event[0] == EventKind.MISSED] == [
        (EventKind.MISSED, "", "first_reply"),
        (EventKind.MISSED, "", "resolve"),
    ]


def test_what_waits_for_the_customer_misses_nothing(agent, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)
    reply_to_ticket(ticket=ticket, author=agent.user, text="Which printer?", now=at("23T09:30"))

    assert mark_missed(now=at("30T09:00")) == 0


def test_solved_tickets_close_after_the_days_of_their_queue(agent, queue):
    patient = make_queue(name="Patient", close_after_days=None)
    old, young, kept = (make_ticket(queue=one, now=MONDAY) for one in (queue, queue, patient))
    for ticket, solved in ((old, MONDAY), (young, MONDAY + timedelta(days=5)), (kept, MONDAY)):
        change_tickets(
            tickets=Ticket.objects.filter(pk=ticket.pk), by=agent.user, status=TicketStatus.SOLVED, now=solved
        )

    closed = close_solved(now=MONDAY + timedelta(days=7, hours=1))

    assert closed == 1
    assert [fresh(one).status for one in (old, young, kept)] == [
        TicketStatus.CLOSED,
        TicketStatus.SOLVED,
        TicketStatus.SOLVED,
    ]
    assert fresh(old).solved_at == MONDAY


# -- other rules


def settled(job):
    run_job(job)
    assert Job.objects.get(pk=job.pk).state == JobState.SUCCEEDED


def test_other_targets_give_open_tickets_other_due_times(lead, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)
    queue.policy.normal_first_reply = 60

    save_policy(policy=queue.policy, user=lead.user)
    settled(Job.objects.get())

    assert fresh(ticket).first_reply_due_at == at("23T10:00")


def test_a_holiday_that_was_forgotten_moves_due_times(lead, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)

    save_special_day(
        day=SpecialDay(calendar=queue.calendar, name="Fair", first_on=date(2026, 11, 23), last_on=date(2026, 11, 24)),
        user=lead.user,
    )
    settled(Job.objects.get())

    assert fresh(ticket).first_reply_due_at == at("25T11:00")


def test_solved_tickets_are_judged_anew_only_when_asked(lead, agent, queue):
    ticket = make_ticket(queue=queue, now=MONDAY)
    reply_to_ticket(ticket=ticket, author=agent.user, text="Done", status=TicketStatus.SOLVED, now=at("23T10:30"))
    queue.policy.normal_first_reply = 60
    assert save_policy(policy=queue.policy, user=lead.user) and not Job.objects.exists()
    assert not fresh(ticket).first_reply_missed

    settled(settle_again(queues=[queue], user=lead.user, whole=True))

    assert fresh(ticket).first_reply_missed


def test_of_special_days_that_overlap_the_one_entered_last_counts(lead, queue):
    for name, hours in (("Fair", ""), ("Open after all", "09:00-12:00")):
        SpecialDay.objects.create(
            calendar=queue.calendar, name=name, first_on=date(2026, 11, 23), last_on=date(2026, 11, 23), hours=hours
        )

    ticket = make_ticket(queue=queue, now=MONDAY)

    assert fresh(ticket).first_reply_due_at == at("23T11:00")
    # Three hours on Monday, seven on Tuesday.
    assert fresh(ticket).resolve_due_at == at("24T17:00")
