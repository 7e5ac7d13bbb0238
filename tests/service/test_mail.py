"""Replies leave by mail, with what belongs to a thread, and answers find their ticket. Files, by mail and by page."""

from __future__ import annotations

import email
import socket
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from django.core.files.uploadedfile import SimpleUploadedFile
from environ import Env

from crm.files.models import StoredFile
from crm.files.operations import remove_orphans
from crm.mail.delivery import MAX_ATTEMPTS, deliver_due
from crm.mail.models import OutgoingMail
from crm.tenancy.context import tenant_atomic
from service.addresses import ticket_in, with_ticket
from service.attachments import NewFile
from service.choices.tickets import TicketStatus
from service.models import Ticket, TicketAttachment, TicketMessage
from service.operations.tickets import delete_tickets, reply_to_ticket
from tests.factories import make_contact, make_tenant
from tests.factories.mail import make_mailbox, receive, write_mail
from tests.factories.service import make_queue, make_ticket


@pytest.fixture
def waiting(settings):
    """Mail that we write is looked at here, not sent."""
    settings.MAIL_SENT_AT_ONCE = False


def reply(ticket, agent, text="Switch it off.", **more) -> TicketMessage:
    return reply_to_ticket(ticket=ticket, author=agent.user, text=text, **more)


def send(member, ticket, **data):
    seen = ticket.events.order_by("-pk").first().pk
    return member.post(f"service/tickets/{ticket.pk}/reply/", {"text": "See here", "status": "2", "seen": seen, **data})


@pytest.mark.django_db
@pytest.mark.usefixtures("waiting")
class TestReplies:
    def test_a_reply_is_written_to_whoever_asked(self, queue, agent, customer):
        ticket = make_ticket(queue=queue, customer=customer, sender_email="ann@river.example")

        sent = reply(ticket, agent, "Use <b> & water")

        (mail,) = OutgoingMail.objects.all()
        assert (mail.to, mail.subject) == ("ann@river.example", f"Re: Printer on fire [#{ticket.number}]")
        assert "Use <b> & water" in mail.text
        assert "Use &lt;b&gt; &amp; water" in mail.html
        assert mail.headers["Auto-Submitted"] == "no"
        assert mail.headers["Message-ID"] == sent.message_id
        assert sent.message_id.endswith("@localhost>")

    def test_else_to_the_contact_else_to_the_customer_else_to_nobody(self, queue, agent, customer):
        contact = make_contact(customer, email="bob@blue.example")

        reply(make_ticket(queue=queue, customer=customer, contact=contact), agent)
        reply(make_ticket(queue=queue, customer=customer), agent)
        reply(make_ticket(queue=queue), agent)

        assert list(OutgoingMail.objects.order_by("pk").values_list("to", flat=True)) == [
            "bob@blue.example",
            "desk@blue.example",
        ]

    @pytest.mark.parametrize("address", ["support@acme.example", "no address", "a@b\nc"])
    def test_nothing_is_written_to_ourselves_or_to_what_is_no_address(self, queue, agent, address):
        make_mailbox()
        reply(make_ticket(queue=queue, sender_email=address), agent)

        assert not OutgoingMail.objects.exists()

    def test_answers_go_to_the_mailbox_of_the_queue(self, queue, agent):
        returns = make_queue(name="Returns")
        make_mailbox(address="help@acme.example", is_default=True)
        make_mailbox(address="returns@acme.example", queue=returns, has_plus=False)
        here = make_ticket(queue=queue, sender_email="ann@river.example")
        there = make_ticket(queue=returns, sender_email="ann@river.example")

        reply(here, agent)
        reply(there, agent)

        first, second = OutgoingMail.objects.order_by("pk")
        assert first.reply_to == with_ticket("help@acme.example", here)
        assert ticket_in([first.reply_to]) == here
        assert second.reply_to == "returns@acme.example"

    def test_without_a_mailbox_the_mail_asks_to_answer_on_the_page(self, queue, agent):
        reply(make_ticket(queue=queue, sender_email="ann@river.example"), agent)

        mail = OutgoingMail.objects.get()
        assert mail.reply_to == ""
        assert "Please answer on the page of your request, not to this mail:" in mail.text

    def test_a_reply_names_the_mails_before_it(self, queue, agent):
        make_mailbox()
        first = receive()
        sent = reply(first.ticket, agent)
        second = receive(write_mail(In_Reply_To=sent.message_id))

        reply(first.ticket, agent)

        mail = OutgoingMail.objects.order_by("-pk").first()
        assert mail.headers["In-Reply-To"] == second.message_id
        assert mail.headers["References"].split() == [first.message_id, sent.message_id, second.message_id]

    def test_files_leave_with_the_reply(self, queue, agent):
        ticket = make_ticket(queue=queue, sender_email="ann@river.example")
        files = [SimpleUploadedFile("合同.pdf", b"%PDF-1"), SimpleUploadedFile("a.txt", b"a")]

        response = send(agent, ticket, attachments=files)

        assert response.status_code == 302
        mail = OutgoingMail.objects.get()
        assert [(one.name, bytes(one.content)) for one in mail.attachments.order_by("pk")] == [
            ("合同.pdf", b"%PDF-1"),
            ("a.txt", b"a"),
        ]

    def test_what_is_too_large_for_a_mail_is_found_on_the_page(self, queue, agent, monkeypatch):
        monkeypatch.setattr("service.mailing.MOST_ATTACHED", 10)
        ticket = make_ticket(queue=queue, sender_email="ann@river.example")

        reply(ticket, agent, files=[NewFile.of_bytes("a.pdf", b"x" * 11)])

        mail = OutgoingMail.objects.get()
        assert not mail.attachments.exists()
        assert "You find them on the page of your request." in mail.text

    def test_the_page_says_where_a_reply_goes(self, queue, agent):
        known, unknown = make_ticket(queue=queue, sender_email="ann@river.example"), make_ticket(queue=queue)

        assert "Goes by e-mail to ann@river.example." in agent.get(f"service/tickets/{known.pk}/").content.decode()
        assert "sent to nobody" in agent.get(f"service/tickets/{unknown.pk}/").content.decode()

    def test_a_reply_that_never_left_is_noted_and_opens_the_ticket_again(
        self, queue, agent, monkeypatch, django_capture_on_commit_callbacks
    ):
        ticket = make_ticket(queue=queue, sender_email="ann@river.example")
        reply(ticket, agent)
        OutgoingMail.objects.update(attempts_count=MAX_ATTEMPTS - 1)
        monkeypatch.setattr("crm.mail.delivery._message", lambda mail, server: 1 / 0)

        with django_capture_on_commit_callbacks(execute=True):
            deliver_due()

        assert "could not be sent" in ticket.messages.order_by("-pk").first().text
        assert Ticket.objects.get().status == TicketStatus.OPEN


@pytest.mark.django_db
@pytest.mark.usefixtures("waiting")
class TestFiles:
    def test_a_ticket_that_is_taken_down_has_files_too(self, queue, agent):
        file = SimpleUploadedFile("fax.pdf", b"%PDF")

        agent.post(
            "service/tickets/new/",
            {"subject": "Fax", "text": "See the fax", "priority": "1", "channel": "phone", "attachments": [file]},
        )

        assert TicketAttachment.objects.get().message.text == "See the fax"

    def test_a_file_is_saved_by_whoever_sees_the_ticket(self, queue, agent, stranger, owner, customer):
        ticket = make_ticket(queue=queue)
        send(agent, ticket, attachments=[SimpleUploadedFile("page.html", b"<script>alert(1)</script>")])
        one = TicketAttachment.objects.get()
        path = f"service/attachments/{one.pk}/"

        assert f"/t/acme/{path}" in agent.get(f"service/tickets/{ticket.pk}/").content.decode()
        response = agent.get(path)
        assert b"".join(response.streaming_content) == b"<script>alert(1)</script>"
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert stranger.get(path).status_code == 404
        assert owner.get(path).status_code == 404, "a representative sees the tickets of own customers only"

    def test_a_program_is_refused_and_the_text_kept(self, queue, agent):
        ticket = make_ticket(queue=queue)

        response = send(agent, ticket, text="What I typed", attachments=[SimpleUploadedFile("a.exe", b"MZ")])

        page = response.content.decode()
        assert response.status_code == 422
        assert "What I typed" in page
        assert "“a.exe” is a program" in page
        assert not StoredFile.objects.exists()

    def test_a_note_has_files_too(self, queue, agent):
        ticket = make_ticket(queue=queue)

        agent.post(
            f"service/tickets/{ticket.pk}/note/", {"text": "Look", "attachments": [SimpleUploadedFile("a.txt", b"a")]}
        )

        assert TicketAttachment.objects.get().message.text == "Look"

    def test_files_of_deleted_tickets_go_at_night(self, queue, agent, in_tenant):
        gone, stays = make_ticket(queue=queue), make_ticket(queue=queue)
        for ticket in (gone, stays):
            reply(ticket, agent, files=[NewFile.of_bytes(f"{ticket.pk}.txt", b"a")])
        delete_tickets(tickets=Ticket.objects.filter(pk=gone.pk))
        assert remove_orphans(tenant=in_tenant) == 0, "of today: a transaction may not have ended"

        StoredFile.objects.update(created_at="2026-01-01T00:00Z")

        assert remove_orphans(tenant=in_tenant) == 1
        assert [file.name for file in StoredFile.objects.all()] == [f"{stays.pk}.txt"]


# -- to a mail server, and back


class Inbox:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        self.mails.append(email.message_from_bytes(envelope.content, policy=default))
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


def answer_to(mail, text: str) -> bytes:
    """As a mail program answers: to Reply-To, with the number of the mail, and what it quotes."""
    quoted = "".join(f"> {line}\n" for line in mail.get_body(["plain"]).get_content().splitlines())
    return write_mail(
        f"{text}\n\nOn Monday, Acme wrote:\n{quoted}",
        To=str(mail["Reply-To"] or mail["From"]),
        Subject=f"Re: {mail['Subject']}",
        In_Reply_To=str(mail["Message-ID"]).strip(),
        References=" ".join(filter(None, [str(mail["References"] or ""), str(mail["Message-ID"]).strip()])),
    )


def test_a_conversation_by_mail_is_one_ticket(committed_db, inbox):
    from crm.access.roles import Role
    from tests.factories import make_member

    tenant = make_tenant("acme", name="Acme Trading")
    agent = make_member(tenant, "support@acme.example.com", Role.SUPPORT).user
    with tenant_atomic(tenant):
        make_mailbox()
        ticket = receive(write_mail("It burns.")).ticket
    with tenant_atomic(tenant):
        (confirmation,) = inbox.mails
        reply_to_ticket(
            ticket=ticket, author=agent, text="用水灭火。", files=[NewFile.of_bytes("步骤.txt", "水".encode())]
        )
    mail = inbox.mails[-1]
    with tenant_atomic(tenant):
        second = receive(answer_to(mail, "Thank you!"))
        third = receive(answer_to(confirmation, "And the smoke?"))

        assert second.ticket == third.ticket == ticket
        texts = list(ticket.messages.order_by("pk").values_list("text", flat=True))
        assert texts == ["It burns.", "用水灭火。", "Thank you!", "And the smoke?"]
        assert Ticket.objects.get().status == TicketStatus.OPEN
        assert mail["From"].addresses[0].display_name == "Acme Trading"
        assert mail["Auto-Submitted"] == "no"
        assert "用水灭火。" in mail.get_body(["plain"]).get_content()
        assert [part.get_filename() for part in mail.iter_attachments()] == ["步骤.txt"]
        assert confirmation["Auto-Submitted"] == "auto-replied"
    assert len(inbox.mails) == 2
