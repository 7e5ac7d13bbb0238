"""kill -9 of real workers in the middle of a campaign, again and again: nobody gets the mail twice, and nobody is
forgotten. Whoever was with the mail server at that moment is listed as unknown."""

from __future__ import annotations

import socket
from random import Random

import pytest
from aiosmtpd.controller import Controller
from django.db import transaction

from crm.access.roles import Role
from crm.tenancy.context import use_tenant
from marketing.choices import CampaignState, SendState
from marketing.models import Campaign, Send
from marketing.operations import schedule_campaign
from tests.crm.jobs.harness import RedisServer, beat, wait_for, worker
from tests.factories import make_member, make_tenant
from tests.factories.marketing import make_campaign, make_people

MAILS_PER_SECOND = 120
MOST_SECONDS = 900


class Sink:
    """Takes every mail, and remembers to whom, in the order in which they came."""

    def __init__(self) -> None:
        self.to: list[str] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.to += envelope.rcpt_tos
        return "250 Taken"


@pytest.fixture
def sink(monkeypatch):
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{port}")
    monkeypatch.setenv("CAMPAIGN_MAILS_PER_SECOND", str(MAILS_PER_SECOND))
    yield sink
    controller.stop()


@pytest.fixture
def workers(committed_db, tmp_path, sink):
    """A worker to be killed, and the clock that wakes what a dead one has left."""
    redis = RedisServer(tmp_path)
    redis.start()
    working, clock = worker(tmp_path, redis.url, concurrency=2), beat(tmp_path, redis.url)
    working.start()
    clock.start()
    yield working
    working.kill()
    clock.kill()
    redis.kill()


@pytest.mark.parametrize(("mails", "kills"), [(240, 3), pytest.param(1_000, 20, marks=pytest.mark.slow)])
def test_nobody_gets_it_twice_however_often_workers_are_killed(sink, workers, mails, kills):
    tenant = make_tenant("acme")
    marketer = make_member(tenant, "marketer@acme.example", Role.MARKETER)
    with use_tenant(tenant):
        with transaction.atomic():
            make_people(tenant, mails)
            campaign = make_campaign(tenant)
            schedule_campaign(campaign=campaign, membership=marketer)

        killed_in_the_middle = _kill_again_and_again(workers, sink, mails, kills)
        wait_for(lambda: _state(campaign) == CampaignState.SENT, seconds=MOST_SECONDS, every=0.5)

        with transaction.atomic():
            ledger = dict(Send.objects.values_list("email", "state"))
            done = Campaign.objects.get(pk=campaign.pk)
    unknown = {email for email, state in ledger.items() if state == SendState.UNKNOWN}
    sent = {email for email, state in ledger.items() if state == SendState.SENT}
    assert killed_in_the_middle == kills
    assert len(sink.to) == len(set(sink.to))
    assert len(ledger) == mails
    assert sent | unknown == set(ledger)
    assert sent <= set(sink.to) <= sent | unknown
    # Each of the two who were killed had one mail in its hands.
    assert len(unknown) <= 2 * kills
    assert (done.sent_count, done.unknown_count) == (len(sent), len(unknown))


def _kill_again_and_again(working, sink: Sink, mails: int, kills: int) -> int:
    random = Random(20)  # noqa: S311  # chance, but the same each time
    share = mails // (kills + 1)
    struck = 0
    for _ in range(kills):
        enough = len(sink.to) + random.randrange(1, share)
        wait_for(lambda enough=enough: len(sink.to) >= enough, seconds=MOST_SECONDS, every=0.002)
        working.kill()
        struck += len(sink.to) < mails
        working.start()
    return struck


def _state(campaign: Campaign) -> str:
    with transaction.atomic():
        return Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk)
