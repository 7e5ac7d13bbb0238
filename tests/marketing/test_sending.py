"""A campaign reaches everybody once: through pauses, refusals, broken lines and workers that die."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from crm.errors import CampaignElsewhere, NobodyToWriteTo, TooEarly
from crm.jobs import run_job
from crm.jobs.models import Job
from crm.mail.bulk import Answer, MailServerGone, Reply
from customers.models import Customer
from marketing import sending
from marketing.choices import CampaignState, SendState, SuppressionReason
from marketing.models import Campaign, CampaignLink, ClaimMark, Send, Suppression
from marketing.operations import (
    cancel_campaign,
    pause_campaign,
    resume_campaign,
    schedule_campaign,
    unschedule_campaign,
)
from tests.factories import make_customer
from tests.factories.marketing import make_campaign, make_people, make_segment, make_suppression, rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(in_tenant):
    return make_campaign(in_tenant)


def reread(campaign: Campaign) -> Campaign:
    return Campaign.objects.get(pk=campaign.pk)


def states(campaign: Campaign) -> dict[str, int]:
    return Send.objects.by_state(campaign.pk)


def run_jobs() -> list[Job]:
    """Work off all that waits, as a worker would, once each."""
    return [run_job(job) for job in Job.objects.unfinished().order_by("pk")]


def send_now(campaign: Campaign, member) -> Campaign:
    schedule_campaign(campaign=campaign, membership=member.membership)
    run_jobs()
    return reread(campaign)


def test_everybody_gets_the_mail_once(in_tenant, campaign, marketer, post):
    people = make_people(in_tenant, 5)

    begun = send_now(campaign, marketer)
    assert (begun.state, begun.recipient_count, begun.left_count) == (CampaignState.SENDING, 5, 5)
    run_jobs()

    done = reread(campaign)
    assert sorted(post.to) == [person.email for person in people]
    assert states(campaign) == {SendState.SENT: 5}
    assert (done.state, done.sent_count, done.left_count) == (CampaignState.SENT, 5, 0)
    assert done.finished_at is not None
    assert run_jobs() == []


def test_the_mail_is_filled_for_each(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 2)

    send_now(campaign, marketer)
    run_jobs()

    first = next(mail for mail in post.mails if mail.to == ["p0000@mail.example"])
    send = Send.objects.get(email="p0000@mail.example")
    token = first.extra_headers["Message-ID"].strip("<>").partition("@")[0]
    html = str(first.alternatives[0][0])
    assert first.subject == "Summer at Acme Trading"
    assert first.from_email == "Acme Trading <no-reply@localhost>"
    assert "Dear Person 0000," in html
    assert "Dear Person 0000," in first.body
    # What is counted, and how it ends.
    assert f'href="http://localhost:8000/e/{token}/to/0/"' in html
    assert "https://acme.example/summer" not in html
    assert f"/e/{token}/open.gif" in html
    assert f"/e/{token}/unsubscribe/" in html
    assert f"/e/{token}/unsubscribe/" in first.body
    assert first.extra_headers["List-Unsubscribe"] == f"<http://localhost:8000/e/{token}/one-click/>"
    assert first.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert CampaignLink.objects.get(campaign=campaign).url == "https://acme.example/summer"
    assert token.split("-")[1] == "send"
    assert send.sent_at is not None


def test_what_was_begun_is_sent_as_it_was(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    send_now(campaign, marketer)
    campaign.template.subject = "Changed"
    campaign.template.save()

    run_jobs()

    assert post.mails[0].subject == "Summer at Acme Trading"


# -- who gets it


def test_only_who_fits_the_segment_when_it_goes_out_gets_it(in_tenant, marketer, post):
    make_customer(in_tenant, name="In", email="in@mail.example", stage="active")
    out = make_customer(in_tenant, name="Out", email="out@mail.example", stage="lost")
    campaign = make_campaign(in_tenant, segment=make_segment(in_tenant, rule("customers.stage", "in", ["active"])))
    schedule_campaign(campaign=campaign, membership=marketer.membership)
    Customer.objects.filter(pk=out.pk).update(stage="active")
    Customer.objects.filter(name="In").update(stage="lost")

    run_jobs()
    run_jobs()

    assert post.to == ["out@mail.example"]


def test_who_cannot_or_must_not_be_written_to_is_left_out_and_counted(in_tenant, campaign, marketer, post):
    make_customer(in_tenant, name="Silent")
    make_customer(in_tenant, name="First", email="both@mail.example")
    make_customer(in_tenant, name="Second", email="both@mail.example")
    make_customer(in_tenant, name="No more", email="gone@mail.example")
    make_customer(in_tenant, name="Ann", email="ann@mail.example")
    make_suppression(in_tenant, email="gone@mail.example")

    send_now(campaign, marketer)
    run_jobs()

    done = reread(campaign)
    assert sorted(post.to) == ["ann@mail.example", "both@mail.example"]
    assert Send.objects.get(email="both@mail.example").customer.name == "First"
    assert Send.objects.get(email="gone@mail.example").state == SendState.SUPPRESSED
    counts = (done.found_count, done.without_email_count, done.doubled_count, done.suppressed_count)
    assert counts == (5, 1, 1, 1)
    assert (done.recipient_count, done.sent_count) == (2, 2)


def test_only_customers_that_the_sender_may_see_get_it(in_tenant, campaign, marketer, owner, post):
    make_customer(in_tenant, name="Theirs", email="theirs@mail.example", owner=owner.user)
    make_customer(in_tenant, name="Mine", email="mine@mail.example", owner=marketer.user)
    marketer.membership.scopes = {"customers": "own"}
    marketer.membership.save()

    send_now(campaign, marketer)
    run_jobs()

    assert post.to == ["mine@mail.example"]


def test_who_left_meanwhile_sends_nothing_and_the_campaign_says_so(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    schedule_campaign(campaign=campaign, membership=marketer.membership)
    marketer.membership.is_active = False
    marketer.membership.save()

    (job,) = run_jobs()

    assert job.state == "failed"
    assert reread(campaign).state == CampaignState.DRAFT
    assert post.to == []


def test_a_segment_without_anybody_is_refused(in_tenant, campaign, marketer):
    make_customer(in_tenant, name="Silent")

    with pytest.raises(NobodyToWriteTo):
        schedule_campaign(campaign=campaign, membership=marketer.membership)


def test_a_campaign_that_finds_nobody_any_more_ends_at_once(in_tenant, campaign, marketer, post):
    (person,) = make_people(in_tenant, 1)
    schedule_campaign(campaign=campaign, membership=marketer.membership)
    Customer.objects.filter(pk=person.pk).update(email="")

    run_jobs()

    assert (reread(campaign).state, reread(campaign).found_count) == (CampaignState.SENT, 1)
    assert run_jobs() == []


# -- when


def test_a_campaign_waits_for_its_moment(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    at = timezone.now() + timedelta(hours=3)
    schedule_campaign(campaign=campaign, membership=marketer.membership, at=at)
    job = Job.objects.get()

    assert (reread(campaign).state, reread(campaign).scheduled_at, job.next_attempt_at) == ("scheduled", at, at)
    run_jobs()  # too early: it finds that it is not due
    assert reread(campaign).state == CampaignState.SCHEDULED


def test_a_moment_that_has_passed_is_refused(in_tenant, campaign, marketer):
    make_people(in_tenant, 1)

    with pytest.raises(TooEarly):
        schedule_campaign(campaign=campaign, membership=marketer.membership, at=timezone.now() - timedelta(hours=1))


def test_a_campaign_that_was_called_off_does_not_go_out(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    schedule_campaign(campaign=campaign, membership=marketer.membership)
    unschedule_campaign(campaign=campaign)

    run_jobs()

    assert (reread(campaign).state, post.to) == (CampaignState.DRAFT, [])


def test_a_campaign_goes_out_once_however_often_its_job_runs(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 2)
    schedule_campaign(campaign=campaign, membership=marketer.membership)
    with pytest.raises(CampaignElsewhere):
        schedule_campaign(campaign=campaign, membership=marketer.membership)
    (job,) = Job.objects.all()
    run_job(job)
    Job.objects.filter(pk=job.pk).update(state="queued")
    run_job(job)

    run_jobs()

    assert len(post.to) == 2
    assert Send.objects.count() == 2


# -- pause, resume, cancel


def test_a_paused_campaign_goes_on_with_those_who_are_left(in_tenant, campaign, marketer, post):
    people = make_people(in_tenant, 6)
    send_now(campaign, marketer)
    post.before = lambda mail: len(post.mails) == 2 and pause_campaign(campaign=campaign)

    run_jobs()
    # The third was with the mail server when the button was pressed.
    assert len(post.to) == 3
    assert states(campaign) == {SendState.SENT: 3, SendState.QUEUED: 3}
    assert run_jobs() == []

    post.before = lambda mail: None
    resume_campaign(campaign=campaign)
    run_jobs()

    assert sorted(post.to) == [person.email for person in people]
    assert reread(campaign).state == CampaignState.SENT


def test_a_cancelled_campaign_sends_no_more(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 4)
    send_now(campaign, marketer)
    post.before = lambda mail: len(post.mails) == 1 and cancel_campaign(campaign=campaign)

    run_jobs()

    assert len(post.to) == 2
    assert reread(campaign).state == CampaignState.CANCELLED
    assert run_jobs() == []


def test_two_people_press_two_buttons_and_the_second_is_told(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    send_now(campaign, marketer)
    pause_campaign(campaign=campaign)

    for too_late in (pause_campaign, unschedule_campaign):
        with pytest.raises(CampaignElsewhere):
            too_late(campaign=campaign)


# -- what the mail server says


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        (Reply(Answer.TAKEN), SendState.SENT),
        (Reply(Answer.NO_MAILBOX, "550 5.1.1"), SendState.BOUNCED),
        (Reply(Answer.REFUSED, "552 5.3.4"), SendState.FAILED),
        (Reply(Answer.UNKNOWN), SendState.UNKNOWN),
        (Reply(Answer.LATER, "452 4.2.2"), SendState.QUEUED),
    ],
)
def test_what_the_server_says_is_kept(in_tenant, campaign, marketer, post, reply, state):
    make_people(in_tenant, 2)
    post.answers["p0000@mail.example"] = reply
    send_now(campaign, marketer)

    run_jobs()

    send = Send.objects.get(email="p0000@mail.example")
    assert send.state == state
    assert send.problem == (sending.LINE_BROKE if state == SendState.UNKNOWN else reply.words)
    assert Send.objects.get(email="p0001@mail.example").state == SendState.SENT


def test_an_address_without_a_mailbox_is_left_out_from_then_on(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 2)
    post.answers["p0000@mail.example"] = Reply(Answer.NO_MAILBOX, "550 5.1.1")

    send_now(campaign, marketer)
    run_jobs()

    left_out = Suppression.objects.get()
    assert (left_out.email, left_out.reason, left_out.note) == (
        "p0000@mail.example",
        SuppressionReason.BOUNCED,
        "550 5.1.1",
    )
    assert reread(campaign).bounced_count == 1


def test_what_was_put_off_is_tried_later_and_in_the_end_given_up(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    post.answers["p0000@mail.example"] = Reply(Answer.LATER, "452 4.2.2")
    send_now(campaign, marketer)
    waits = []

    for _ in range(sending.MOST_TRIES):
        (job,) = run_jobs()
        waits.append(job.state)
        Send.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    assert waits == ["queued"] * 4 + ["succeeded"]
    assert states(campaign) == {SendState.FAILED: 1}
    assert reread(campaign).state == CampaignState.SENT


def test_while_the_mail_server_is_gone_nothing_is_lost(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 3)
    post.answers["p0001@mail.example"] = MailServerGone()
    send_now(campaign, marketer)

    (job,) = run_jobs()
    assert states(campaign) == {SendState.SENT: 1, SendState.QUEUED: 2}
    assert (job.state, job.error) == ("queued", "")
    assert job.next_attempt_at > timezone.now() + timedelta(seconds=30)

    post.answers.clear()
    run_jobs()
    assert sorted(post.to) == [f"p000{n}@mail.example" for n in range(3)]


def test_an_address_that_cannot_be_written_down_keeps_no_other_mail_back(in_tenant, campaign, marketer, post):
    make_people(in_tenant, 1)
    Customer.objects.bulk_create([Customer(name="Odd", name_sort="odd", email="odd\n@mail.example")])

    send_now(campaign, marketer)
    run_jobs()

    assert post.to == ["p0000@mail.example"]
    assert states(campaign) == {SendState.FAILED: 1, SendState.SENT: 1}


# -- workers that die


class Killed(BaseException):
    """As abrupt as a test in one process can be."""


def kill_at(post, number: int, *, taken: bool):
    """Die while mail `number` is with the mail server: before or after the server took it."""

    def before(mail):
        if len(post.mails) == number:
            if taken:
                post.mails.append(mail)
            raise Killed

    post.before = before


@pytest.fixture
def no_last_words(monkeypatch):
    """A killed process writes nothing any more."""
    real = sending.Sender._step

    def step(self, done, row):
        import sys

        return False if isinstance(sys.exc_info()[1], Killed) else real(self, done, row)

    released = sending.release_left

    def release(campaign, held):
        import sys

        if not isinstance(sys.exc_info()[1], Killed):
            released(campaign, held)

    monkeypatch.setattr(sending.Sender, "_step", step)
    monkeypatch.setattr(sending, "release_left", release)


@pytest.mark.parametrize("taken", [True, False])
def test_a_worker_that_dies_leaves_one_mail_unknown_and_nobody_gets_two(
    in_tenant, campaign, marketer, post, no_last_words, taken
):
    make_people(in_tenant, 5)
    send_now(campaign, marketer)
    kill_at(post, 2, taken=taken)
    (job,) = Job.objects.unfinished()
    with pytest.raises(Killed):
        run_job(job)
    assert states(campaign) == {SendState.SENT: 2, SendState.SENDING: 1, SendState.CLAIMED: 2}

    post.before = lambda mail: None
    run_jobs()

    unknown = Send.objects.get(state=SendState.UNKNOWN)
    assert states(campaign) == {SendState.SENT: 4, SendState.UNKNOWN: 1}
    assert unknown.problem == sending.WORKER_DIED
    assert len(post.to) == len(set(post.to)) == (5 if taken else 4)
    assert (unknown.email in post.to) is taken
    done = reread(campaign)
    assert (done.state, done.sent_count, done.unknown_count) == (CampaignState.SENT, 4, 1)


def test_a_worker_that_was_taken_over_sends_no_more(in_tenant, campaign, marketer, post):
    """It was away for so long that another attempt went on; when it comes back, its rows are no longer its own."""
    make_people(in_tenant, 4)
    send_now(campaign, marketer)
    (job,) = Job.objects.unfinished()

    def go_away(mail):
        if len(post.mails) == 1:
            post.before = lambda mail: None
            # What the next attempt does first.
            sending.release_left(campaign, Q(claimed_by=job.pk))
            Send.objects.filter(state=SendState.QUEUED).update(claimed_by=job.pk, claim=99, state=SendState.CLAIMED)

    post.before = go_away
    run_job(job)

    assert len(post.to) == 2
    assert states(campaign) == {SendState.SENT: 1, SendState.UNKNOWN: 1, SendState.CLAIMED: 2}


def test_what_was_claimed_when_the_database_crashed_is_unknown(in_tenant, campaign, marketer, post, no_last_words):
    """Its last commits may be lost, those that said "sending" and "sent" among them; so is the mark of the claim."""
    make_people(in_tenant, 5)
    send_now(campaign, marketer)
    kill_at(post, 2, taken=True)
    (job,) = Job.objects.unfinished()
    with pytest.raises(Killed):
        run_job(job)
    Send.objects.filter(state__in=(SendState.SENT, SendState.SENDING)).update(state=SendState.CLAIMED)
    ClaimMark.objects.all().delete()

    post.before = lambda mail: None
    run_jobs()

    assert states(campaign) == {SendState.UNKNOWN: 5}
    assert set(Send.objects.values_list("problem", flat=True)) == {sending.SERVER_FORGOT}
    assert len(post.to) == len(set(post.to)) == 3


def test_old_marks_are_forgotten(in_tenant):
    now = timezone.now()
    for job_id, age in ((1, sending.MARKS_KEPT - timedelta(hours=1)), (2, sending.MARKS_KEPT + timedelta(hours=1))):
        ClaimMark.objects.create(job_id=job_id, claim=1, created_at=now - age)

    assert sending.forget_old_marks() == 1

    assert list(ClaimMark.objects.values_list("job_id", flat=True)) == [1]
