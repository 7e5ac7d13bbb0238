"""The clock of a ticket as a function of what happened: nothing else decides when it is due and what was missed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from service.choices.tickets import EventKind, TicketStatus
from service.sla import Line, Promise, sla_state
from service.working_time import Calendar, always_open, parse_hours, working_time_between

NEW, OPEN, PENDING, SOLVED, CLOSED = (str(status.value) for status in TicketStatus)
OFFICE = Calendar(ZoneInfo("UTC"), (parse_hours("09:00-12:00, 13:00-17:00"),) * 5 + ((),) * 2)
HOUR = timedelta(hours=1)


def at(text):
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=UTC)


def created(moment, status=NEW):
    return Line(EventKind.CREATED, at(moment), status)


def became(status, moment):
    return Line(EventKind.STATUS, at(moment), status)


def replied(moment):
    return Line(EventKind.REPLY, at(moment))


PROMISE = Promise(first_reply=2 * HOUR, resolve=10 * HOUR)


def state(*events, now, promise=PROMISE, calendar=OFFICE):
    return sla_state(events, promise, calendar, at(now))


# Monday the 23rd, Friday the 20th.


def test_a_new_ticket_is_due_when_its_first_reply_is():
    found = state(created("23T10:00"), now="23T10:30")

    assert found.due_at == found.first_reply.due_at == at("23T12:00")
    assert found.resolve.due_at == at("24T14:00")
    assert found.first_reply.used == timedelta(minutes=30)
    assert found.first_reply.missed_at is found.resolve.missed_at is None


def test_after_the_first_reply_the_solution_is_due():
    found = state(created("23T10:00"), became(OPEN, "23T10:30"), replied("23T10:30"), now="23T11:00")

    assert found.first_reply.met_at == found.first_replied_at == at("23T10:30")
    assert found.first_reply.due_at is None
    assert found.due_at == at("24T14:00")


def test_a_first_reply_after_its_time_was_late_and_stays_so():
    found = state(created("20T16:00"), replied("23T10:30"), now="23T11:00")

    assert found.first_reply.missed_at == at("23T10:00")
    assert found.first_reply.met_at == at("23T10:30")
    assert found.first_reply.used == timedelta(hours=2, minutes=30)


def test_a_reply_at_the_very_last_moment_is_in_time():
    found = state(created("23T10:00"), replied("23T12:00"), now="23T15:00")

    assert found.first_reply.missed_at is None


def test_what_nobody_answers_is_missed_once_its_time_has_passed():
    before, after = state(created("23T10:00"), now="23T12:00"), state(created("23T10:00"), now="23T13:01")

    assert before.first_reply.missed_at is None
    assert after.first_reply.missed_at == at("23T12:00")
    assert after.due_at == at("23T12:00")
    assert after.next_miss_at == after.resolve.due_at


def test_the_clock_stands_still_while_we_wait_for_the_customer():
    log = [created("23T09:00"), replied("23T10:00"), became(PENDING, "23T10:00")]

    waiting = state(*log, now="27T10:00")
    answered = state(*log, became(OPEN, "26T09:00"), now="26T10:00")

    assert waiting.due_at is waiting.resolve.due_at is None
    assert waiting.resolve.used == HOUR
    assert waiting.resolve.left == 9 * HOUR
    # Seven hours on Thursday, two on Friday.
    assert answered.resolve.due_at == at("27T11:00")


def test_a_reply_does_not_restart_and_a_note_does_not_stop_the_clock():
    quiet = state(created("23T09:00"), replied("23T10:00"), now="23T11:00")
    busy = state(
        created("23T09:00"),
        replied("23T10:00"),
        Line(EventKind.NOTE, at("23T10:30")),
        replied("23T10:40"),
        now="23T11:00",
    )

    assert busy == quiet


def test_a_reopened_ticket_goes_on_from_where_it_stood():
    log = [created("23T09:00"), replied("23T11:00"), became(SOLVED, "23T11:00"), became(OPEN, "25T09:00")]

    found = state(*log, now="25T10:00")

    assert found.solved_at is None
    assert found.resolve.used == 3 * HOUR
    # Two hours of ten were used before it was solved.
    assert found.resolve.due_at == at("26T10:00")


def test_solved_in_time_is_kept_and_the_days_after_do_not_count():
    found = state(created("23T09:00"), replied("23T11:00"), became(SOLVED, "23T11:00"), now="30T11:00")

    assert found.solved_at == found.resolve.met_at == at("23T11:00")
    assert found.resolve.used == 2 * HOUR
    assert found.resolve.missed_at is found.due_at is None


def test_closing_what_was_solved_leaves_the_day_on_which_it_was():
    found = state(
        created("23T09:00"), replied("23T11:00"), became(SOLVED, "23T11:00"), became(CLOSED, "30T00:00"), now="30T11:00"
    )

    assert (found.solved_at, found.closed_at) == (at("23T11:00"), at("30T00:00"))


def test_solved_without_a_word_counts_as_answered():
    found = state(created("23T09:00"), became(CLOSED, "23T09:30"), now="24T09:00")

    assert found.first_replied_at is None
    assert found.first_reply.met_at == found.solved_at == at("23T09:30")
    assert found.first_reply.missed_at is None


def test_what_came_in_as_solved_was_not_solved_here():
    found = state(created("23T09:00", SOLVED), now="30T09:00")

    assert found.solved_at is found.due_at is None
    assert found.resolve.used == timedelta(0)


def test_without_a_promise_nothing_is_due():
    found = state(created("02T09:00"), now="30T09:00", promise=Promise())

    assert found.due_at is None
    assert found.first_reply.missed_at is found.resolve.missed_at is None


def test_a_stricter_promise_judges_everything_that_happened():
    log = [created("23T09:00"), became(PENDING, "23T11:00"), became(OPEN, "24T09:00")]

    found = state(*log, now="24T09:30", promise=Promise(resolve=HOUR))

    assert found.resolve.missed_at == found.due_at == at("23T10:00")


def test_a_calendar_without_hours_is_never_due():
    empty = Calendar(ZoneInfo("UTC"), ((),) * 7)

    found = state(created("02T09:00"), now="30T09:00", calendar=empty)

    assert found.due_at is None
    assert found.first_reply.missed_at is None


def test_the_working_time_of_each_status_adds_up_to_what_was_used():
    found = state(
        created("23T09:00"), became(PENDING, "23T11:00"), became(OPEN, "24T16:00"), now="25T10:00", promise=PROMISE
    )

    assert [period.worked for period in found.periods] == [2 * HOUR, timedelta(0), 2 * HOUR]
    assert found.resolve.used == 4 * HOUR


# -- what must hold for every history

histories = st.lists(
    st.tuples(st.timedeltas(timedelta(minutes=1), timedelta(days=3)), st.sampled_from([*TicketStatus, "reply"])),
    max_size=8,
)


def log_of(history):
    now = at("02T09:00")
    log = [Line(EventKind.CREATED, now, NEW)]
    for wait, what in history:
        now += wait
        log.append(
            Line(EventKind.REPLY, now)
            if what == "reply"
            else Line(EventKind.STATUS, now, str(TicketStatus(what).value))
        )
    return log, now


@given(histories, st.timedeltas(timedelta(0), timedelta(days=5)))
@settings(max_examples=200, deadline=None)
def test_time_used_is_the_working_time_of_all_running_periods(history, later):
    log, last = log_of(history)

    found = sla_state(log, PROMISE, OFFICE, last + later)

    running = [period for period in found.periods if period.is_running]
    assert found.resolve.used == sum(
        (working_time_between(OFFICE, period.begin, period.end or last + later) for period in running), timedelta(0)
    )


@given(histories, st.timedeltas(timedelta(0), timedelta(days=5)))
@settings(max_examples=200, deadline=None)
def test_missed_means_that_the_time_promised_was_used_up(history, later):
    log, last = log_of(history)

    found = sla_state(log, PROMISE, OFFICE, last + later)

    for clock in found.clocks:
        if clock.used > clock.promised:
            assert clock.missed_at is not None
        elif clock.missed_at is not None:
            # Due when the office closed, and nothing happened until it was open again.
            assert clock.used == clock.promised


@given(histories)
@settings(max_examples=200, deadline=None)
def test_what_is_due_is_missed_when_nothing_happens_until_then(history):
    log, last = log_of(history)
    found = sla_state(log, PROMISE, OFFICE, last)

    for clock in found.clocks:
        if clock.due_at and clock.missed_at is None:
            in_time = sla_state(log, PROMISE, OFFICE, clock.due_at)
            # The first moment after it at which somebody is at work.
            late = sla_state(log, PROMISE, OFFICE, clock.due_at + timedelta(days=4))
            assert next(one for one in in_time.clocks if one.target == clock.target).missed_at is None
            assert next(one for one in late.clocks if one.target == clock.target).missed_at == clock.due_at


@given(histories)
@settings(max_examples=100, deadline=None)
def test_with_the_office_always_open_time_is_plain_time(history):
    log, last = log_of(history)

    found = sla_state(log, PROMISE, always_open(), last)

    assert found.resolve.used == sum(
        ((period.end or last) - period.begin for period in found.periods if period.is_running), timedelta(0)
    )
