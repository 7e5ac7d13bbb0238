"""A mail that comes back later is told by the path for incoming mail."""

import pytest

from crm.mail.signals import mail_bounced
from crm.public.tokens import make_token
from marketing.choices import SendState, SuppressionReason
from marketing.composing import token_of
from marketing.models import Campaign, Send, Suppression
from tests.factories.marketing import make_campaign, make_send

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(in_tenant):
    return make_send(make_campaign(in_tenant))


def told(key: str) -> None:
    mail_bounced.send(None, key=key, words="5.1.1")


def test_the_mail_is_marked_and_the_address_left_out(send):
    told(token_of(send.tenant, send.pk))

    found, suppression = Send.objects.get(), Suppression.objects.get()
    assert (found.state, found.problem) == (SendState.BOUNCED, "5.1.1")
    assert (suppression.email, suppression.reason) == ("ann@river.example", SuppressionReason.BOUNCED)
    assert (Campaign.objects.get().bounced_count, Campaign.objects.get().sent_count) == (1, 0)


def test_a_mail_that_nobody_knew_of_has_not_arrived(send):
    Send.objects.update(state=SendState.UNKNOWN)

    told(token_of(send.tenant, send.pk))

    assert Send.objects.get().state == SendState.BOUNCED


def test_who_makes_a_key_up_leaves_nobody_out(send, other_tenant):
    for key in (
        "made-up",
        f"1-send-{send.pk}.abc",
        make_token(send.tenant, "ticket", send.pk),
        make_token(other_tenant, "send", send.pk),
        make_token(send.tenant, "send", send.pk + 1),
    ):
        told(key)

    assert Send.objects.get().state == SendState.SENT
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("state", [SendState.QUEUED, SendState.SUPPRESSED, SendState.FAILED])
def test_a_mail_that_was_not_sent_cannot_come_back(send, state):
    Send.objects.update(state=state)

    told(token_of(send.tenant, send.pk))

    assert Send.objects.get().state == state
