"""Through a real SMTP conversation, on connections that commit for real."""

import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from environ import Env

from crm.mail.delivery import deliver_due
from crm.mail.messages import send_mail_message
from crm.mail.models import OutgoingMail
from tests.factories import make_tenant


class Inbox:
    """Takes every mail, or refuses those for an address on its list."""

    def __init__(self):
        self.envelopes = []
        self.refused: set[str] = set()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.envelopes.append(envelope)
        return "250 OK"


@pytest.fixture
def inbox(settings):
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    for name, value in Env.email_url_config(f"smtp://127.0.0.1:{port}").items():  # as crm/settings.py does
        setattr(settings, name, value)
    settings.MAIL_SENT_AT_ONCE = True
    yield inbox
    controller.stop()


def send(to: str = "ann@acme.example", person: str = "安娜") -> None:
    tenant = make_tenant(to.partition("@")[0], name="华星贸易")
    values = {"person": person, "url": "http://localhost:8000/x/"}
    send_mail_message("password_reset", to, values, "en", tenant)


def test_a_mail_arrives_as_it_was_written(committed_db, inbox):
    send()

    (envelope,) = inbox.envelopes
    message = email.message_from_bytes(envelope.content, policy=default)
    assert envelope.rcpt_tos == ["ann@acme.example"]
    assert message["From"].addresses[0].display_name == "华星贸易"
    assert message["From"].addresses[0].addr_spec == "no-reply@localhost"
    assert message["Subject"] == "A new password for your account"
    assert message["Content-Language"] == "en"
    assert "Hello 安娜," in message.get_body(["plain"]).get_content()
    assert "Hello 安娜," in message.get_body(["html"]).get_content()
    assert not OutgoingMail.objects.exists()


def test_one_address_that_is_refused_keeps_no_other_mail_back(committed_db, inbox):
    inbox.refused = {"ann@acme.example"}

    send()
    send("bob@acme.example")

    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["bob@acme.example"]]
    (waiting,) = OutgoingMail.objects.all()
    assert (waiting.to, waiting.error) == ("ann@acme.example", "SMTPRecipientsRefused")


def test_one_address_that_cannot_be_written_down_keeps_no_other_mail_back(committed_db, inbox):
    unsendable = f"ann@{'例' * 60}.example"

    send(unsendable)
    send("bob@acme.example")

    assert [envelope.rcpt_tos for envelope in inbox.envelopes] == [["bob@acme.example"]]
    (waiting,) = OutgoingMail.objects.all()
    assert (waiting.to, waiting.error) == (unsendable, "UnicodeError")


def test_a_server_that_does_not_answer_keeps_the_mail_for_later(committed_db, inbox, settings):
    right_port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    send()
    assert OutgoingMail.objects.get().attempts_count == 0

    settings.EMAIL_PORT = right_port
    assert deliver_due() == 1

    assert len(inbox.envelopes) == 1


def test_two_workers_send_no_mail_twice(committed_db, inbox, settings):
    from concurrent.futures import ThreadPoolExecutor

    from django.db import connections

    settings.MAIL_SENT_AT_ONCE = False
    for number in range(6):
        send(f"person{number}@acme.example")

    def work(_):
        try:
            return deliver_due()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        sent = sum(pool.map(work, range(3)))

    assert sent == 6
    assert sorted(envelope.rcpt_tos[0] for envelope in inbox.envelopes) == [f"person{n}@acme.example" for n in range(6)]
