"""Tickets out of files: as people keep them, with what follows for number, log and clock."""

import csv
import gzip
import statistics
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from crm.imports.undo import undo_import
from service.choices.tickets import EventKind, TicketChannel, TicketPriority, TicketStatus
from service.models import Ticket, TicketEvent
from service.operations.tickets import reply_to_ticket
from service.search import filter_by_search
from service.sla import Line, Promise, sla_state
from service.working_time import always_open
from tests.crm.imports.conftest import bring_in, counts, in_english, problems
from tests.factories import make_customer
from tests.factories.service import make_ticket

__all__ = ["bring_in", "in_english"]  # fixtures

pytestmark = pytest.mark.django_db

DATA = Path(settings.BASE_DIR).parent / "shared" / "data"
SEED = DATA / "seed-examples" / "service.csv"
HELPDESK = DATA / "support-tickets-helpdesk" / "helpdesk_events.csv.gz"


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def three_customers(in_tenant):
    return [make_customer(in_tenant, name=name) for name in ("张三", "李四", "王五")]


def statuses():
    return list(Ticket.objects.order_by("number").values_list("customer__name", "subject", "status"))


@pytest.mark.skipif(not SEED.is_file(), reason="../shared/data is not on this machine")
def test_the_example_file_as_it_is(bring_in, queue, three_customers):
    run = bring_in(SEED.read_bytes(), "tickets")

    assert counts(run) == {"rows": 3, "created": 3, "updated": 0, "skipped": 0, "failed": 0}
    assert statuses() == [
        ("张三", "问题1", TicketStatus.SOLVED),
        ("李四", "问题2", TicketStatus.PENDING),
        ("王五", "问题3", TicketStatus.SOLVED),
    ]
    first = Ticket.objects.get(number=1)
    assert (first.created_at, first.queue, first.channel) == (at("2021-01-01"), queue, TicketChannel.IMPORT)


def test_the_same_in_english_words(bring_in, queue, three_customers):
    bring_in(
        "name,date,issue,status\n张三,2021-01-01,One,solved\n李四,2021-01-02,Two,waiting\n王五,2021-01-03,Three,Done\n",
        "tickets",
    )

    assert [status for _name, _subject, status in statuses()] == [
        TicketStatus.SOLVED,
        TicketStatus.PENDING,
        TicketStatus.SOLVED,
    ]


def test_numbers_go_on_behind_the_tickets_there_are_in_the_order_of_the_file(bring_in, queue):
    make_ticket(queue=queue)

    bring_in("subject\nFirst\nSecond\n", "tickets", chunk_rows=1)

    assert list(Ticket.objects.order_by("number").values_list("number", "subject")) == [
        (1, "Printer on fire"),
        (2, "First"),
        (3, "Second"),
    ]


def test_what_came_in_as_solved_was_missed_by_nobody_and_took_no_time(bring_in, queue):
    bring_in("subject,status,date\nOld,solved,2021-01-01\n", "tickets")

    ticket = Ticket.objects.get()
    assert (ticket.solved_at, ticket.due_at, ticket.first_reply_missed, ticket.resolve_missed) == (
        None,
        None,
        False,
        False,
    )
    assert list(ticket.events.values_list("kind", "after")) == [(EventKind.CREATED, "3")]


def test_an_open_ticket_is_due_from_the_day_on_which_it_came_in(bring_in, queue):
    bring_in("subject,created at\nSlow,2026-11-20 16:00\n", "tickets")

    ticket = Ticket.objects.get()
    assert ticket.due_at == at("2026-11-23T10:00")
    assert ticket.number == 1


def test_moments_of_reply_and_solution_make_the_log(bring_in, queue, agent):
    bring_in(
        "subject,created at,first response,resolved at,status,priority,agent\n"
        "Quick,2026-11-23 09:00,2026-11-23 10:00,2026-11-23 16:00,resolved,urgent,support@acme.example\n",
        "tickets",
    )

    ticket = Ticket.objects.get()
    assert list(ticket.events.order_by("at").values_list("kind", "at", "after")) == [
        (EventKind.CREATED, at("2026-11-23T09:00"), "1"),
        (EventKind.REPLY, at("2026-11-23T10:00"), ""),
        (EventKind.STATUS, at("2026-11-23T16:00"), "3"),
    ]
    assert (ticket.priority, ticket.assignee) == (TicketPriority.URGENT, agent.user)
    assert (ticket.solved_at, ticket.first_reply_missed) == (at("2026-11-23T16:00"), True)


def test_a_word_that_is_no_status_is_said_with_its_line(bring_in, queue):
    run = bring_in("subject,status\nFine,open\nOdd,sleeping\n", "tickets")

    assert problems(run) == [(3, "status", "bad_choice", "sleeping")]
    assert Ticket.objects.get().subject == "Fine"


def test_a_second_file_moves_known_tickets_on_and_leaves_a_line(bring_in, queue):
    bring_in("ticket id,subject,status,date\nA-1,Slow,open,2026-11-20\n", "tickets")

    run = bring_in("ticket id,subject,status\nA-1,Slow,solved\n", "tickets", match_key="external_id", on_match="update")

    ticket = Ticket.objects.get()
    assert counts(run)["updated"] == 1
    assert ticket.status == TicketStatus.SOLVED and ticket.solved_at is not None and ticket.due_at is None
    assert list(ticket.events.order_by("pk").values_list("kind", "before", "after")) == [
        (EventKind.CREATED, "", "1"),
        (EventKind.STATUS, "1", "3"),
    ]


def test_imported_tickets_are_found(bring_in, queue, three_customers):
    bring_in("name,issue\n张三,打印机坏了\n", "tickets")

    for text in ("打印机", "zhangsan", "1"):
        assert filter_by_search(Ticket.objects.all(), text).count() == 1, text


def test_an_import_taken_back_takes_tickets_and_log_along(bring_in, queue):
    run = bring_in("subject,status\nOne,open\nTwo,solved\n", "tickets")

    undone = undo_import(run)

    assert (undone.removed_count, undone.kept_count) == (2, 0)
    assert not Ticket.objects.exists() and not TicketEvent.objects.exists()


def test_a_ticket_that_somebody_has_answered_stays_with_its_log(bring_in, queue, agent):
    run = bring_in("subject\nAnswered\nUntouched\n", "tickets")
    reply_to_ticket(ticket=Ticket.objects.get(subject="Answered"), author=agent.user, text="Hello")

    undone = undo_import(run)

    assert (undone.removed_count, undone.kept_count) == (1, 1)
    ticket = Ticket.objects.get()
    assert ticket.events.filter(kind=EventKind.CREATED).count() == 1


# -- the help desk's log: nights, weekends and year ends


def helpdesk_log():
    """{case: its moments, in order}."""
    cases: dict[str, list[datetime]] = {}
    with gzip.open(HELPDESK, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            cases.setdefault(row["CaseID"], []).append(at(row["CompleteTimestamp"].replace("/", "-")))
    return {case: sorted(moments) for case, moments in cases.items()}


def in_days(spans):
    days = [span / timedelta(days=1) for span in spans]
    return (
        round(statistics.fmean(days), 3),
        round(statistics.median(days), 3),
        [round(quartile, 3) for quartile in statistics.quantiles(days, method="inclusive")][::2],
        round(max(days), 3),
    )


AS_PUBLISHED = (8.798, 3.928, [0.264, 14.198], 55.927)


@pytest.mark.skipif(not HELPDESK.is_file(), reason="../shared/data is not on this machine")
def test_durations_of_the_help_desk_by_the_clock_of_its_events():
    used = []
    for moments in helpdesk_log().values():
        log = [Line(EventKind.CREATED, moments[0], "0")]
        log += [Line(EventKind.REPLY, moment) for moment in moments[1:-1]]
        log.append(Line(EventKind.STATUS, moments[-1], "3"))
        state = sla_state(log, Promise(), always_open("Europe/Rome"), at("2013-01-01"))
        used.append(state.resolve.used)

    assert len(used) == 3_804
    assert in_days(used) == AS_PUBLISHED


@pytest.mark.skipif(not HELPDESK.is_file(), reason="../shared/data is not on this machine")
def test_durations_of_the_help_desk_after_an_import(bring_in, queue):
    lines = ["ticket id,subject,created at,resolved at,status"]
    lines += [
        f"{case},Case {case},{moments[0]:%Y-%m-%d %H:%M:%S},{moments[-1]:%Y-%m-%d %H:%M:%S},resolved"
        for case, moments in helpdesk_log().items()
    ]

    run = bring_in("\n".join(lines) + "\n", "tickets")

    assert counts(run) == {"rows": 3_804, "created": 3_804, "updated": 0, "skipped": 0, "failed": 0}
    spans = [solved - created for created, solved in Ticket.objects.values_list("created_at", "solved_at")]
    assert in_days(spans) == AS_PUBLISHED
