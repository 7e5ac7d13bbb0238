"""The line a support agent walks all day: the queue, the next ticket, a reply, a note, done."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from service.choices.tickets import EventKind, MessageKind, TicketChannel, TicketPriority, TicketStatus
from service.models import Queue, Ticket, TicketEvent, TicketMessage
from service.operations.tickets import add_note, change_ticket, change_tickets, receive_message, reply_to_ticket
from tests.factories import make_contact, make_customer
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db

# Session, person, membership and SET LOCAL are four; then queues (tabs), saved views, the rows.
LIST_QUERIES = 7
DETAIL_QUERIES = 11


def fresh(ticket):
    return Ticket.objects.get(pk=ticket.pk)


def subjects(page):
    return re.findall(r'<a class="gx-clip" href="[^"]*/tickets/\d+/[^"]*" title="([^"]*)"', page.content.decode())


def send(member, ticket, text="Please restart it.", **data):
    """What the browser sends when the page was opened just now."""
    seen = ticket.events.order_by("-pk").first().pk
    return member.post(
        f"service/tickets/{ticket.pk}/reply/", {"text": text, "status": "2", "seen": seen, "once": "", **data}
    )


# -- the list


@pytest.mark.parametrize("rows", [1, 3])
def test_list_states_the_same_few_queries(agent, in_tenant, queue, rows, django_assert_num_queries):
    for number in range(rows):
        customer = make_customer(in_tenant, name=f"Customer {number}")
        make_ticket(queue=queue, customer=customer, assignee=agent.user)
    agent.get("service/tickets/")

    with django_assert_num_queries(LIST_QUERIES):
        agent.get("service/tickets/")


def test_list_opens_with_what_is_still_to_be_done_the_next_due_first(agent, queue):
    now = timezone.now()
    later = make_ticket(queue=queue, subject="Later", now=now)
    sooner = make_ticket(queue=queue, subject="Sooner", now=now - timedelta(days=4))
    waiting = make_ticket(queue=queue, subject="Waiting", now=now - timedelta(days=9))
    done = make_ticket(queue=queue, subject="Done")
    change_ticket(ticket=waiting, by=agent.user, status=TicketStatus.PENDING)
    change_ticket(ticket=done, by=agent.user, status=TicketStatus.SOLVED)

    assert subjects(agent.get("service/tickets/")) == ["Sooner", "Later", "Waiting"]
    assert {sooner.subject, later.subject} == {"Sooner", "Later"}


def test_the_views_that_everybody_has(agent, other_agent, queue):
    old = timezone.now() - timedelta(days=30)
    make_ticket(queue=queue, subject="Mine", assignee=agent.user)
    make_ticket(queue=queue, subject="Hers", assignee=other_agent.user)
    make_ticket(queue=queue, subject="Nobody's and late", now=old)
    done = make_ticket(queue=queue, subject="Done")
    change_ticket(ticket=done, by=agent.user, status=TicketStatus.CLOSED)

    def shown(query):
        return set(subjects(agent.get(f"service/tickets/?{query}")))

    assert shown("show=mine") == {"Mine"}
    assert shown("show=unassigned") == {"Nobody's and late".replace("'", "&#x27;")}
    assert shown("show=overdue") == {"Nobody&#x27;s and late"}
    assert shown("show=unsolved") == {"Mine", "Hers", "Nobody&#x27;s and late"}
    assert "Done" in shown("view=all")


def test_each_queue_has_a_tab_when_there_are_several(agent, queue):
    returns = make_queue(name="Returns")
    make_ticket(queue=queue, subject="In support")
    make_ticket(queue=returns, subject="In returns")

    page = agent.get(f"service/tickets/?show=unsolved&queue={returns.pk}")

    assert subjects(page) == ["In returns"]
    tab = re.search(
        r'<a class="gx-tab" href="\?show=unsolved&amp;queue=\d+" aria-current="page">.*?Returns', page.content.decode()
    )
    assert tab


def test_a_queue_alone_has_no_tab(agent, queue):
    assert f"queue={queue.pk}" not in agent.get("service/tickets/").content.decode()


@pytest.mark.parametrize("text", ["#12", "12", "printer", "Blue River"])
def test_the_list_is_searched_by_number_subject_and_customer(agent, queue, customer, text):
    for _ in range(11):
        make_ticket(queue=queue, subject="Something else")
    wanted = make_ticket(queue=queue, subject="Printer on fire", customer=customer)
    assert wanted.number == 12

    assert subjects(agent.get("service/tickets/", data={"q": text})) == ["Printer on fire"]


def test_missed_targets_are_a_filter(agent, queue):
    make_ticket(queue=queue, subject="Fine")
    late = make_ticket(queue=queue, subject="Late", now=timezone.now() - timedelta(days=30))
    change_tickets(tickets=Ticket.objects.filter(pk=late.pk), by=agent.user, priority=TicketPriority.HIGH)
    change_tickets(tickets=Ticket.objects.filter(pk=late.pk), by=agent.user, priority=TicketPriority.NORMAL)

    assert subjects(agent.get("service/tickets/?missed=yes")) == ["Late"]
    assert subjects(agent.get("service/tickets/?missed=no")) == ["Fine"]


# -- the ticket's page


@pytest.mark.parametrize("rows", [1, 3])
def test_detail_states_the_same_few_queries(agent, in_tenant, queue, customer, rows, django_assert_num_queries):
    ticket = make_ticket(queue=queue, customer=customer, contact=make_contact(customer))
    for number in range(rows):
        reply_to_ticket(ticket=ticket, author=agent.user, text=f"Reply {number}")
        receive_message(ticket=ticket, text=f"Answer {number}", channel=TicketChannel.EMAIL)
        make_ticket(queue=queue, customer=customer)
    agent.get(f"service/tickets/{ticket.pk}/")

    with django_assert_num_queries(DETAIL_QUERIES):
        agent.get(f"service/tickets/{ticket.pk}/")


def test_the_thread_tells_what_was_said_and_done_the_latest_first(agent, ticket):
    reply_to_ticket(ticket=ticket, author=agent.user, text="Have you tried <b>water</b>?")
    add_note(ticket=ticket, author=agent.user, text="They are angry.")
    receive_message(ticket=ticket, text="Yes.", sender_name="Ann Lee", channel=TicketChannel.EMAIL)

    page = agent.get(f"service/tickets/{ticket.pk}/").content.decode()
    places = [page.index(text) for text in ("Yes.", "They are angry.", "Have you tried", "It does not work.")]

    assert places == sorted(places)
    assert "&lt;b&gt;water&lt;/b&gt;" in page
    assert "Status: New → Waiting for the customer" in page
    assert "Assigned to" in page


def test_a_long_thread_shows_its_end_and_leads_to_the_rest(agent, ticket):
    for number in range(45):
        add_note(ticket=ticket, author=agent.user, text=f"Note number {number:02d}")

    short = agent.get(f"service/tickets/{ticket.pk}/").content.decode()
    whole = agent.get(f"service/tickets/{ticket.pk}/?all=1").content.decode()

    assert "Note number 44" in short and "Note number 02" not in short and "It does not work." not in short
    assert f"/tickets/{ticket.pk}/?all=1" in short
    assert "Note number 02" in whole and "It does not work." in whole


def test_the_page_says_what_is_promised_and_how_that_was_computed(agent, ticket):
    page = agent.get(f"service/tickets/{ticket.pk}/").content.decode()

    assert "First reply" in page and "2 h" in page and "10 h" in page
    assert "“Standard”, in the working time of “Office”." in page


def test_keys_are_named_on_the_controls_that_they_press(agent, ticket):
    page = agent.get(f"service/tickets/{ticket.pk}/").content.decode()

    assert set(re.findall(r'aria-keyshortcuts="(.)"', page)) == {"j", "k", "r", "n", "a", "s", "c", "?"}


def test_a_reader_sees_the_ticket_and_no_way_to_change_it(reader, ticket):
    page = reader.get(f"service/tickets/{ticket.pk}/").content.decode()

    assert "It does not work." in page
    assert "/reply/" not in page and "/note/" not in page and "/take/" not in page and "/status/" not in page


# -- replies


def test_a_reply_by_the_plain_form(agent, ticket):
    answer = send(agent, ticket)

    ticket = fresh(ticket)
    assert answer.status_code == 302 and answer.url.endswith(f"/service/tickets/{ticket.pk}/")
    assert ticket.messages.get(kind=MessageKind.REPLY).text == "Please restart it."
    assert (ticket.status, ticket.assignee) == (TicketStatus.PENDING, agent.user)


def test_a_reply_may_solve_the_ticket(agent, ticket):
    send(agent, ticket, status="3")

    assert fresh(ticket).status == TicketStatus.SOLVED


def test_an_empty_reply_is_refused_on_the_tickets_page(agent, ticket):
    answer = send(agent, ticket, text=" ")

    assert answer.status_code == 422
    assert "It does not work." in answer.content.decode()
    assert not TicketMessage.objects.filter(kind=MessageKind.REPLY).exists()


def test_a_reply_pressed_twice_is_written_once(agent, ticket):
    token = re.search(r'name="once" value="([^"]+)"', agent.get(f"service/tickets/{ticket.pk}/").content.decode())[1]

    for _ in range(2):
        answer = send(agent, ticket, once=token)
        assert answer.status_code == 302

    assert TicketMessage.objects.filter(kind=MessageKind.REPLY).count() == 1


def test_whoever_answers_second_is_shown_what_came_in_between_and_keeps_the_text(agent, other_agent, ticket):
    seen = ticket.events.order_by("-pk").first().pk
    send(other_agent, ticket, text="I sent a technician.")

    answer = agent.post(
        f"service/tickets/{ticket.pk}/reply/", {"text": "We will call you.", "status": "2", "seen": seen}
    )

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Something has happened since you began to write" in page
    assert "We will call you.</textarea>" in page
    assert re.search(r'gx-event-new" id="message-\d+">.*?I sent a technician', page, re.DOTALL)
    assert [message.text for message in fresh(ticket).messages.filter(kind=MessageKind.REPLY)] == [
        "I sent a technician."
    ]


def test_having_read_it_the_second_sends_the_reply_all_the_same(agent, other_agent, ticket):
    seen = ticket.events.order_by("-pk").first().pk
    send(other_agent, ticket, text="I sent a technician.")
    refused = agent.post(f"service/tickets/{ticket.pk}/reply/", {"text": "And I.", "status": "2", "seen": seen})
    seen_now = re.search(r'name="seen" value="(\d+)"', refused.content.decode())[1]

    answer = agent.post(f"service/tickets/{ticket.pk}/reply/", {"text": "And I.", "status": "2", "seen": seen_now})

    assert answer.status_code == 302
    assert fresh(ticket).messages.filter(kind=MessageKind.REPLY).count() == 2


def test_an_answer_of_the_customer_meanwhile_stops_the_reply_too(agent, ticket):
    seen = ticket.events.order_by("-pk").first().pk
    receive_message(ticket=ticket, text="Solved it myself.", channel=TicketChannel.EMAIL)

    answer = agent.post(f"service/tickets/{ticket.pk}/reply/", {"text": "Try this", "status": "2", "seen": seen})

    assert answer.status_code == 422


def test_a_line_that_is_dated_back_is_not_taken_for_something_new(agent, queue):
    ticket = make_ticket(queue=queue, now=timezone.now() - timedelta(days=30))
    add_note(ticket=ticket, author=agent.user, text="Later than what was missed")
    TicketEvent.objects.create(ticket=ticket, kind=EventKind.INBOUND, at=timezone.now() - timedelta(days=20))
    page = agent.get(f"service/tickets/{ticket.pk}/").content.decode()
    seen = re.search(r'name="seen" value="(\d+)"', page)[1]

    answer = agent.post(f"service/tickets/{ticket.pk}/reply/", {"text": "Try this", "status": "2", "seen": seen})

    assert answer.status_code == 302


def test_ones_own_lines_and_another_assignee_stop_nothing(agent, other_agent, ticket):
    seen = ticket.events.order_by("-pk").first().pk
    add_note(ticket=ticket, author=agent.user, text="I am at it.")
    change_ticket(ticket=ticket, by=other_agent.user, priority=TicketPriority.HIGH)

    answer = agent.post(f"service/tickets/{ticket.pk}/reply/", {"text": "Try this", "status": "2", "seen": seen})

    assert answer.status_code == 302


def test_a_note_stays_among_members(agent, ticket):
    agent.post(f"service/tickets/{ticket.pk}/note/", {"text": "They pay late."})

    message = fresh(ticket).messages.get(kind=MessageKind.NOTE)
    assert (message.text, message.author, fresh(ticket).status) == ("They pay late.", agent.user, TicketStatus.NEW)


def test_an_empty_note_is_refused_on_the_tickets_page(agent, ticket):
    answer = agent.post(f"service/tickets/{ticket.pk}/note/", {"text": ""})

    assert answer.status_code == 422
    assert re.search(r'<details class="gx-more gx-note-form" open>', answer.content.decode())


# -- buttons


def test_take_solve_close_and_open_again(agent, ticket):
    steps = [
        ("take", {}, TicketStatus.OPEN),
        ("status", {"status": "3"}, TicketStatus.SOLVED),
        ("status", {"status": "4"}, TicketStatus.CLOSED),
        ("status", {"status": "1"}, TicketStatus.OPEN),
    ]
    for action, data, status in steps:
        agent.post(f"service/tickets/{ticket.pk}/{action}/", data)
        assert fresh(ticket).status == status

    assert fresh(ticket).assignee == agent.user


def test_assign_move_and_priority_by_their_own_pages(agent, other_agent, ticket):
    returns = make_queue(name="Returns")
    for action, data in (
        ("assign", {"assignee": other_agent.user.pk}),
        ("queue", {"queue": returns.pk}),
        ("priority", {"priority": "3"}),
    ):
        assert agent.get(f"service/tickets/{ticket.pk}/{action}/").status_code == 200
        assert agent.post(f"service/tickets/{ticket.pk}/{action}/", data).status_code == 302

    after = fresh(ticket)
    assert (after.assignee, after.queue, after.priority) == (other_agent.user, returns, TicketPriority.URGENT)


def test_what_is_so_already_is_said_and_not_written_again(agent, ticket):
    agent.post(f"service/tickets/{ticket.pk}/take/")

    answer = agent.post(f"service/tickets/{ticket.pk}/take/")

    assert answer.status_code == 422
    assert "This is done already." in answer.content.decode()


# -- through the list


def place_of(url):
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture
def three(agent, queue):
    now = timezone.now()
    return [
        make_ticket(queue=queue, subject=f"Ticket {number}", assignee=agent.user, now=now + timedelta(minutes=number))
        for number in range(3)
    ]


def links(page):
    return [
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/tickets/\d+/\?[^"]*)"', page.content.decode())
    ]


def test_from_the_list_one_goes_through_it_ticket_by_ticket(agent, three):
    first = links(agent.get("service/tickets/?show=mine"))[0]
    place = place_of(first)
    assert place["in"] == "show=mine"

    walked = []
    for _ in range(2):
        answer = agent.get("service/tickets/next/", data=place)
        walked.append(urlsplit(answer.url).path.split("/")[-2])
        place = place_of(answer.url)
    back = agent.get("service/tickets/previous/", data=place)
    end = agent.get("service/tickets/next/", data=place)

    assert walked == [str(three[1].pk), str(three[2].pk)]
    assert f"/tickets/{three[1].pk}/" in back.url
    assert end.url.endswith("/service/tickets/?show=mine")


def test_after_a_reply_that_moves_the_ticket_away_the_next_one_is_still_the_next(agent, three):
    place = place_of(links(agent.get("service/tickets/?show=mine"))[1])

    answer = send(agent, three[1], then="next", **place)
    onward = agent.get(answer.url.removeprefix("/t/acme/"))

    assert f"/tickets/{three[2].pk}/" in onward.url


def test_opened_by_itself_a_ticket_goes_on_among_all_open_ones(agent, three):
    page = agent.get(f"service/tickets/{three[0].pk}/").content.decode()
    onward = re.search(r'href="/t/acme/(service/tickets/next/[^"]*)"', page)[1].replace("&amp;", "&")

    assert f"/tickets/{three[1].pk}/" in agent.get(onward).url


def test_without_a_place_next_is_the_first_that_is_due(agent, three):
    assert f"/tickets/{three[0].pk}/" in agent.get("service/tickets/next/").url


@pytest.mark.parametrize("cursor", ["nonsense", "W10", "eyJ9"])
def test_a_place_that_makes_no_sense_begins_the_list_again(agent, three, cursor):
    assert f"/tickets/{three[0].pk}/" in agent.get("service/tickets/next/", data={"in": "show=mine", "at": cursor}).url


def test_a_list_that_makes_no_sense_is_refused(agent, three):
    assert agent.get("service/tickets/next/", data={"in": "colour=blue"}).status_code == 400


# -- new, edit, delete


def test_a_ticket_is_taken_down_with_what_the_customer_said(agent, queue, customer):
    answer = agent.post(
        "service/tickets/new/",
        {
            "subject": "Wrong invoice",
            "text": "The price is wrong.",
            "customer": customer.pk,
            "priority": "2",
            "channel": "phone",
        },
    )

    ticket = Ticket.objects.get()
    assert answer.url.endswith(f"/service/tickets/{ticket.pk}/")
    assert (ticket.number, ticket.queue, ticket.customer, ticket.priority) == (1, queue, customer, TicketPriority.HIGH)
    assert (ticket.messages.get().text, ticket.created_by) == ("The price is wrong.", agent.user)


def test_a_contact_brings_its_customer_along(agent, queue, customer):
    contact = make_contact(customer)

    agent.post(
        "service/tickets/new/",
        {"subject": "Hello", "text": "Hello", "contact": contact.pk, "priority": "1", "channel": "phone"},
    )

    assert Ticket.objects.get().customer == customer


def test_a_contact_of_another_customer_is_refused(agent, queue, customer, in_tenant):
    contact = make_contact(make_customer(in_tenant, name="Red Hill Ltd"))

    answer = agent.post(
        "service/tickets/new/",
        {
            "subject": "Hello",
            "text": "Hello",
            "customer": customer.pk,
            "contact": contact.pk,
            "priority": "1",
            "channel": "phone",
        },
    )

    assert answer.status_code == 422
    assert "This contact belongs to another customer." in answer.content.decode()


def edit_fields(ticket, **changes):
    return {
        "subject": ticket.subject,
        "queue": ticket.queue_id,
        "priority": ticket.priority,
        "channel": ticket.channel,
        "customer": ticket.customer_id or "",
        "version": ticket.version,
        **changes,
    }


def test_an_edit_changes_what_the_ticket_is_about(agent, ticket):
    answer = agent.post(f"service/tickets/{ticket.pk}/edit/", edit_fields(ticket, subject="Printer is cold"))

    assert answer.status_code == 302
    assert fresh(ticket).subject == "Printer is cold"


def test_an_edit_that_began_before_a_reply_is_shown_side_by_side(agent, other_agent, ticket):
    sent = edit_fields(ticket, queue=make_queue(name="Returns").pk)
    change_ticket(ticket=ticket, by=other_agent.user, priority=TicketPriority.URGENT)

    answer = agent.post(f"service/tickets/{ticket.pk}/edit/", sent)

    assert answer.status_code == 409
    assert fresh(ticket).priority == TicketPriority.URGENT


def test_a_lead_deletes_a_ticket_with_all_that_was_said(lead, agent, ticket):
    reply_to_ticket(ticket=ticket, author=agent.user, text="Hello")
    assert agent.post(f"service/tickets/{ticket.pk}/delete/").status_code == 403

    assert lead.post(f"service/tickets/{ticket.pk}/delete/").status_code == 302

    assert not Ticket.objects.exists() and not TicketMessage.objects.exists()


# -- many at once


def bulk(member, verb, tickets, **data):
    ids = [ticket.pk for ticket in tickets]
    return member.post(f"lists/tickets/bulk/{verb}/", {"ids": ids, "confirmed": "1", **data})


def test_many_tickets_are_assigned_moved_and_solved(agent, other_agent, queue):
    tickets = [make_ticket(queue=queue) for _ in range(3)]
    returns = make_queue(name="Returns")

    bulk(agent, "assign", tickets, assignee=other_agent.user.pk)
    bulk(agent, "move", tickets, queue=returns.pk)
    bulk(agent, "priority", tickets, priority="0")
    bulk(agent, "status", tickets, status="3")

    found = set(Ticket.objects.values_list("assignee", "queue", "priority", "status"))
    assert found == {(other_agent.user.pk, returns.pk, 0, 3)}
    assert not Ticket.objects.filter(due_at__isnull=False).exists()


def test_only_a_lead_deletes_many(agent, lead, queue):
    tickets = [make_ticket(queue=queue) for _ in range(2)]

    assert bulk(agent, "delete", tickets).status_code == 403
    bulk(lead, "delete", tickets)

    assert not Ticket.objects.exists()


# -- elsewhere


def test_a_customers_page_shows_their_tickets(agent, customer, ticket):
    page = agent.get(f"customers/{customer.pk}/?cards=1").content.decode()

    assert "Printer on fire" in page
    assert f"/service/tickets/new/?customer={customer.pk}" in page


def test_the_first_page_shows_an_agent_what_is_theirs_and_nobodys(agent, other_agent, queue):
    make_ticket(queue=queue, subject="Mine to do", assignee=agent.user)
    make_ticket(queue=queue, subject="Somebody should")
    make_ticket(queue=queue, subject="Hers to do", assignee=other_agent.user)

    page = agent.get("?panels=all").content.decode()

    assert "Mine to do" in page and "Somebody should" in page and "Hers to do" not in page
    assert "in=show%3Dmine" in page


def test_the_first_page_shows_a_lead_how_the_service_stands(lead, agent, queue):
    make_ticket(queue=queue, subject="Late one", now=timezone.now() - timedelta(days=30))
    make_ticket(queue=queue, assignee=agent.user)

    page = lead.get("?panels=all").content.decode()
    figures = re.findall(r'show=\w+">([^<]+)</a></dt><dd>(\d+)</dd>', page)

    assert figures == [("Open", "2"), ("Unassigned", "1"), ("Overdue", "1")]


def test_a_customer_takes_their_tickets_along_and_the_page_says_so(admin, customer, ticket):
    asked = admin.get(f"customers/{customer.pk}/delete/").content.decode()
    assert "Tickets" in asked

    admin.post(f"customers/{customer.pk}/delete/")

    assert not Ticket.objects.exists()


def test_a_queue_with_tickets_stays_and_says_what_is_in_the_way(lead, queue, ticket):
    answer = lead.post(f"service/queues/{queue.pk}/delete/")

    assert answer.status_code == 409
    assert "Printer on fire" in answer.content.decode()
    assert Queue.objects.filter(pk=queue.pk).exists()
