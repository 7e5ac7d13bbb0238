"""What becomes of a mail: a ticket, a message of one, or a reason why not. Kept first, read once, and never lost."""

from __future__ import annotations

import io
import os
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone, translation

from crm.jobs import run_job
from crm.jobs.models import Job
from crm.mail.models import OutgoingMail
from crm.mail.signals import mail_bounced
from crm.tenancy.context import use_tenant
from service.addresses import with_ticket
from service.choices.mail import InboundReason, InboundState
from service.choices.tickets import MessageKind, TicketChannel, TicketStatus
from service.inbound.storing import BEGINNING
from service.inbound.taking import MOST_OF_ONE_SENDER, MOST_TRIES, take_in, take_in_waiting
from service.inbound.work import forget_old_mail
from service.models import InboundMail, Ticket, TicketAttachment, TicketMessage
from service.operations.tickets import change_ticket, reply_to_ticket
from tests.factories import make_contact, make_customer
from tests.factories.mail import make_mailbox, receive, write_mail
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wait_with_mail(settings):
    """Mail that we write is looked at here, not sent."""
    settings.MAIL_SENT_AT_ONCE = False


@pytest.fixture
def mailbox(queue):
    return make_mailbox()


def messages(ticket: Ticket) -> list[tuple[str, str]]:
    return list(ticket.messages.order_by("pk").values_list("kind", "text"))


# -- a new ticket


def test_a_mail_opens_a_ticket_with_all_that_it_says(mailbox, queue):
    mail = receive(write_mail("Smoke everywhere.\nHelp!", files={"photo.jpg": b"\xff\xd8 smoke"}))

    ticket = mail.ticket
    assert (mail.state, mail.mailbox) == (InboundState.OPENED, mailbox)
    assert (ticket.subject, ticket.channel, ticket.queue) == ("Printer on fire", TicketChannel.EMAIL, queue)
    assert (ticket.sender_name, ticket.sender_email) == ("Ann Lee", "ann@river.example")
    assert messages(ticket) == [(MessageKind.INBOUND, "Smoke everywhere.\nHelp!")]
    (attachment,) = ticket.attachments.all()
    assert (attachment.file.name, attachment.file.open().read()) == ("photo.jpg", b"\xff\xd8 smoke")


def test_the_ticket_belongs_to_the_customer_whose_address_it_is(mailbox, customer, in_tenant):
    assert receive(From="Desk <DESK@blue.example>").ticket.customer == customer

    contact = make_contact(customer, email="ann@river.example")
    assert receive().ticket.contact == contact

    make_customer(in_tenant, name="Blue River 2", email="desk@blue.example")
    assert receive(From="desk@blue.example").ticket.customer is None, "two have it, so it says nothing"


def test_the_mailbox_says_which_queue(mailbox, queue):
    returns = make_queue(name="Returns")
    make_mailbox(address="returns@acme.example", queue=returns)

    assert receive(To="Acme <returns@acme.example>").ticket.queue == returns
    assert receive(To="returns+anything@acme.example").ticket.queue == returns
    assert receive().ticket.queue == queue


def test_who_writes_gets_one_short_answer_that_repeats_nothing(mailbox, tenant):
    mail = receive(write_mail("Buy cheap pills", Subject="Cheap pills"))

    (answer,) = OutgoingMail.objects.all()
    number = mail.ticket.number
    assert (answer.to, answer.subject) == ("ann@river.example", f"We have received your request [#{number}]")
    assert "pills" not in answer.text + answer.html + answer.subject
    assert answer.headers["Auto-Submitted"] == "auto-replied"
    assert answer.headers["In-Reply-To"] == mail.message_id
    assert answer.reply_to == with_ticket("support@acme.example", mail.ticket)


@pytest.mark.parametrize(
    "head", [{"X_Auto_Response_Suppress": "All"}, {"X_Auto_Response_Suppress": "OOF, AutoReply"}], ids=["all", "reply"]
)
def test_who_wants_no_automatic_answer_gets_none(mailbox, head):
    assert receive(**head).state == InboundState.OPENED
    assert not OutgoingMail.objects.exists()


def test_a_mailbox_that_confirms_nothing_is_silent(queue):
    make_mailbox(confirms=False)

    receive()

    assert not OutgoingMail.objects.exists()


def test_answers_go_where_the_mail_wants_them(mailbox):
    ticket = receive(From="Form <form@web.example>", Reply_To="Bob <bob@river.example>").ticket

    assert (ticket.sender_name, ticket.sender_email) == ("Bob", "bob@river.example")


def test_a_program_is_left_out_and_said_so(mailbox):
    mail = receive(
        write_mail("See it", files={"list.pdf.exe": b"MZ..", "note.txt": b"MZ in disguise", "a.pdf": b"%PDF"})
    )

    assert [one.file.name for one in TicketAttachment.objects.select_related("file")] == ["a.pdf"]
    assert "list.pdf.exe, note.txt" in mail.ticket.messages.get().text
    assert b"list.pdf.exe" in bytes(mail.raw), "the mail itself is kept whole"


# -- answers


def reply(ticket, agent, text="Have you tried to switch it off?"):
    return reply_to_ticket(ticket=ticket, author=agent.user, text=text)


def test_an_answer_is_known_by_the_mail_that_it_answers(mailbox, agent):
    ticket = receive().ticket
    sent = reply(ticket, agent)

    mail = receive(write_mail("I have.", In_Reply_To=sent.message_id, Subject="Re: something else"))

    assert (mail.state, mail.ticket) == (InboundState.ADDED, ticket)
    assert messages(ticket)[-1] == (MessageKind.INBOUND, "I have.")
    assert Ticket.objects.get().status == TicketStatus.OPEN


def test_an_answer_is_known_by_any_mail_of_the_thread(mailbox, agent):
    first = receive()
    second = receive(References=f"<other@x.example> {first.message_id} <unknown@y.example>")

    assert second.ticket == first.ticket


def test_an_answer_is_known_by_the_address_it_is_sent_to(mailbox, customer, queue):
    ticket = make_ticket(queue=queue, customer=customer)

    mail = receive(To=with_ticket("support@acme.example", ticket).upper(), Subject="New subject")

    assert mail.ticket == ticket


def test_a_made_up_address_finds_no_ticket(mailbox, queue):
    ticket = make_ticket(queue=queue)
    right = with_ticket("support@acme.example", ticket)
    wrong = right.replace(right[-25:-21], "0000")

    assert receive(To=wrong).ticket != ticket


def test_an_address_of_another_tenant_finds_no_ticket(mailbox, queue, other_tenant):
    first = receive()
    address = with_ticket("support@acme.example", first.ticket)

    with use_tenant(other_tenant):
        mail = receive(To=address, In_Reply_To=first.message_id)

        assert mail.state == InboundState.OPENED
        assert mail.ticket.tenant_id == other_tenant.pk
    assert first.ticket.messages.count() == 1


def test_addresses_made_with_a_former_key_still_work(mailbox, queue, settings):
    ticket = make_ticket(queue=queue)
    address = with_ticket("support@acme.example", ticket)

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key that nobody can guess"

    assert receive(To=address).ticket == ticket


def test_an_answer_to_a_closed_ticket_opens_it_again(mailbox, agent):
    first = receive()
    change_ticket(ticket=first.ticket, by=agent.user, status=TicketStatus.CLOSED)

    receive(In_Reply_To=first.message_id)

    assert Ticket.objects.get().status == TicketStatus.OPEN


def test_of_an_answer_only_what_is_new_is_shown(mailbox):
    first = receive()

    receive(write_mail("It works now.\n\nOn Mon, Acme wrote:\n> Have you tried?\n", In_Reply_To=first.message_id))

    assert messages(first.ticket)[-1][1] == "It works now."


# -- machines


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"Auto_Submitted": "auto-generated"}, InboundReason.MACHINE),
        ({"Auto_Submitted": "auto-replied (vacation)"}, InboundReason.MACHINE),
        ({"Return_Path": "<>"}, InboundReason.MACHINE),
        ({"Subject": "自动回复: 您好"}, InboundReason.MACHINE),
        ({"Subject": "Automatic reply: Your order"}, InboundReason.MACHINE),
        ({"X_Autoreply": "yes"}, InboundReason.MACHINE),
        ({"Precedence": "auto_reply"}, InboundReason.MACHINE),
        ({"Precedence": "bulk"}, InboundReason.BULK),
        ({"Precedence": "list"}, InboundReason.BULK),
        ({"Precedence": "junk"}, InboundReason.BULK),
    ],
)
def test_a_machine_opens_no_ticket_and_gets_no_answer(mailbox, head, reason):
    mail = receive(**head)

    assert (mail.state, mail.reason) == (InboundState.ASIDE, reason)
    assert not Ticket.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_auto_submitted_no_is_a_person(mailbox):
    assert receive(Auto_Submitted="no").state == InboundState.OPENED


def test_a_machines_answer_is_noted_and_opens_nothing_again(mailbox, agent):
    first = receive()
    change_ticket(ticket=first.ticket, by=agent.user, status=TicketStatus.SOLVED)
    OutgoingMail.objects.all().delete()

    mail = receive(write_mail("I am away.", In_Reply_To=first.message_id, Auto_Submitted="auto-replied"))

    assert (mail.state, messages(first.ticket)[-1][1]) == (InboundState.ADDED, "I am away.")
    assert Ticket.objects.get().status == TicketStatus.SOLVED
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("sender", ["support@acme.example", "support+1-0000@acme.example", "no-reply@crm.example"])
def test_what_comes_from_ourselves_waits_in_quarantine(mailbox, sender, settings):
    settings.DEFAULT_FROM_EMAIL = "Guanxi <No-Reply@crm.example>"

    mail = receive(From=f"Somebody <{sender}>")

    assert (mail.state, mail.reason) == (InboundState.QUARANTINE, InboundReason.LOOP)
    assert not Ticket.objects.exists()


def test_a_flood_of_one_sender_waits_in_quarantine(mailbox):
    states = [receive().state for _ in range(MOST_OF_ONE_SENDER + 2)]

    assert states.count(InboundState.OPENED) == MOST_OF_ONE_SENDER
    assert states[-1] == InboundState.QUARANTINE
    assert receive(From="bob@river.example").state == InboundState.OPENED


def test_spam_and_mail_of_nobody_wait_in_quarantine(mailbox):
    spam, nobody = receive(X_Spam_Flag="YES"), receive(write_mail(From=None))

    assert (spam.state, spam.reason) == (InboundState.QUARANTINE, InboundReason.SPAM)
    assert (nobody.state, nobody.reason) == (InboundState.QUARANTINE, InboundReason.NO_SENDER)


# -- mails that came back

REPORT = """From: MAILER-DAEMON@mx.example
To: no-reply@localhost
Return-Path: <>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver it.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ann@river.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}
--b
Content-Type: text/rfc822-headers

Message-ID: {number}
From: Acme <no-reply@localhost>
--b--
"""


def report(number: str, action="failed", status="5.1.1", words="550 5.1.1 user unknown") -> bytes:
    return REPORT.format(number=number, action=action, status=status, words=words).encode()


def test_a_reply_that_came_back_is_noted_and_opens_the_ticket_again(mailbox, agent):
    ticket = receive().ticket
    sent = reply(ticket, agent)

    mail = receive(report(sent.message_id))

    assert mail.state == InboundState.BOUNCE
    kind, text = messages(ticket)[-1]
    assert kind == MessageKind.NOTE
    assert "ann@river.example" in text
    assert "5.1.1" in text
    assert Ticket.objects.get().status == TicketStatus.OPEN


def test_a_delay_is_noted_and_opens_nothing(mailbox, agent):
    ticket = receive().ticket
    sent = reply(ticket, agent)

    receive(report(sent.message_id, action="delayed", status="4.4.1", words="451 try again later"))

    assert messages(ticket)[-1][0] == MessageKind.NOTE
    assert Ticket.objects.get().status == TicketStatus.PENDING


def test_a_confirmation_that_came_back_is_noted(mailbox):
    ticket = receive().ticket
    confirmation = OutgoingMail.objects.get().headers["Message-ID"]

    with translation.override("en"):
        receive(report(confirmation))

    kind, text = messages(ticket)[-1]
    assert kind == MessageKind.NOTE
    assert text.startswith("Our confirmation did not arrive at ann@river.example (5.1.1).")


def test_a_mail_that_comes_back_to_the_address_of_all_tenants_finds_its_own(mailbox, agent, other_tenant):
    ticket = receive().ticket
    sent = reply(ticket, agent)

    call(report(sent.message_id), "--now", tenant="")

    assert messages(ticket)[-1][0] == MessageKind.NOTE
    with use_tenant(other_tenant):
        assert not InboundMail.objects.exists()
    with pytest.raises(CommandError) as refused:
        call(report(sent.message_id.replace(".", ".x", 1)), tenant="")
    assert refused.value.returncode == os.EX_NOUSER


@pytest.mark.parametrize(
    ("more", "keys"),
    [
        ({}, ["2-send-1z.abc"]),
        ({"status": "5.2.2", "words": "552 mailbox is full"}, []),
        ({"action": "delayed", "status": "4.4.7"}, []),
    ],
    ids=["hard", "full", "delayed"],
)
def test_whoever_sent_a_mail_hears_of_it_only_when_the_address_is_none(mailbox, more, keys):
    heard = []

    def hear(*, key, **signal):
        heard.append(key)

    mail_bounced.connect(hear)
    try:
        receive(report("<2-send-1z.abc@localhost>", **more))
    finally:
        mail_bounced.disconnect(hear)

    assert heard == keys
    assert not Ticket.objects.exists()


# -- kept first, read once


def test_the_same_bytes_are_one_mail(mailbox):
    raw = write_mail()

    assert receive(raw).pk == InboundMail.objects.get().pk
    assert call(raw) == f"{InboundMail.objects.get().pk} known"
    assert Ticket.objects.count() == 1


def test_the_same_mail_by_another_way_opens_no_second_ticket(mailbox):
    first = receive(Message_ID="<one@river.example>")
    second = receive(Message_ID="<one@river.example>", X_Way="another")

    assert (first.state, second.state) == (InboundState.OPENED, InboundState.DUPLICATE)


def test_reading_again_what_was_read_changes_nothing(mailbox):
    receive()

    assert list(take_in_waiting()) == []
    assert Ticket.objects.count() == 1


def call(raw: bytes, *arguments: str, tenant: str = "acme") -> str:
    said = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        call_command("receive_mail", "--tenant", tenant, *arguments, stdout=said)
    return said.getvalue().strip()


def test_the_command_keeps_the_bytes_and_a_job_reads_them(mailbox, tenant):
    raw = write_mail() + b"\r\n\x00\xff"

    said = call(raw, "--to", "Support+X@acme.example")

    mail = InboundMail.objects.get()
    assert said == f"{mail.pk} kept"
    assert (mail.state, bytes(mail.raw), mail.envelope_to) == (InboundState.WAITING, raw, "support+x@acme.example")
    assert run_job(Job.objects.get()).state == "succeeded"
    assert InboundMail.objects.get().state == InboundState.OPENED


def test_the_command_can_read_at_once(mailbox):
    call(write_mail(), "--now")

    assert InboundMail.objects.get().state == InboundState.OPENED


@pytest.mark.parametrize(
    ("raw", "slug", "code"), [(b"From: a@b.example\n\nx", "nobody", os.EX_NOUSER), (b" \n", "acme", os.EX_DATAERR)]
)
def test_the_command_tells_the_mail_server_why_not(tenant, raw, slug, code, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))

    with pytest.raises(CommandError) as refused:
        call_command("receive_mail", "--tenant", slug)

    assert refused.value.returncode == code


def test_of_a_mail_that_is_too_large_the_beginning_waits_in_quarantine(mailbox, settings):
    settings.INBOUND_MAIL_MAX_BYTES = 300_000

    mail = receive(write_mail("x" * 400_000, Subject="Huge"))

    assert (mail.state, mail.reason, mail.subject) == (InboundState.QUARANTINE, InboundReason.TOO_LARGE, "Huge")
    assert len(bytes(mail.raw)) == BEGINNING
    assert mail.size > 400_000


def test_a_mail_that_breaks_its_reader_waits_for_a_person_and_stops_no_other(mailbox, monkeypatch):
    keep(write_mail("first"), write_mail("second"))
    from service.inbound import taking

    real = taking.read_mail
    monkeypatch.setattr(taking, "read_mail", lambda raw: 1 / 0 if b"first" in raw else real(raw))

    list(take_in_waiting())

    first, second = InboundMail.objects.order_by("pk")
    assert (first.state, first.reason) == (InboundState.QUARANTINE, InboundReason.UNREADABLE)
    assert first.fault.startswith("ZeroDivisionError tests.service.test_inbound:")
    assert second.state == InboundState.OPENED


def keep(*raws: bytes) -> None:
    from service.choices.mail import InboundVia
    from service.inbound.storing import keep_mail

    for raw in raws:
        keep_mail(raw=raw, via=InboundVia.COMMAND)


def test_a_mail_that_kills_its_readers_is_given_up(mailbox):
    keep(write_mail())
    InboundMail.objects.update(tries=MOST_TRIES)

    list(take_in_waiting())

    mail = InboundMail.objects.get()
    assert (mail.state, mail.reason) == (InboundState.QUARANTINE, InboundReason.UNREADABLE)


def test_a_mail_that_somebody_is_at_is_left_to_them_until_they_have_died(mailbox):
    keep(write_mail())
    InboundMail.objects.update(begun_at=timezone.now() - timedelta(minutes=1))
    assert list(take_in_waiting()) == []

    InboundMail.objects.update(begun_at=timezone.now() - timedelta(minutes=3))
    assert [mail.state for mail in take_in_waiting()] == [InboundState.OPENED]


def test_old_mail_goes_and_quarantine_stays(mailbox):
    opened, aside = receive(), receive(Precedence="bulk")
    waiting = receive(X_Spam_Flag="YES")
    InboundMail.objects.update(received_at=timezone.now() - timedelta(days=31))

    assert forget_old_mail() == 1
    assert set(InboundMail.objects.all()) == {opened, waiting}

    InboundMail.objects.update(received_at=timezone.now() - timedelta(days=91))
    assert forget_old_mail() == 1
    assert list(InboundMail.objects.all()) == [waiting]
    assert aside.pk not in InboundMail.objects.values_list("pk", flat=True)


def test_a_ticket_is_deleted_and_its_mail_stays(mailbox, lead):
    mail = receive(write_mail("x", files={"a.txt": b"a"}))

    lead.post(f"service/tickets/{mail.ticket.pk}/delete/")

    assert not Ticket.objects.exists()
    assert not TicketAttachment.objects.exists()
    assert InboundMail.objects.get().ticket_message is None


# -- what people decide


def test_an_agent_makes_a_ticket_of_what_waits_in_quarantine(mailbox, agent):
    mail = receive(X_Spam_Flag="YES", Subject="Really a question")

    page = agent.get("service/mail/?state=quarantine").content.decode()
    assert "Really a question" in page
    assert "It does not work." in agent.get(f"service/mail/{mail.pk}/").content.decode()
    response = agent.post(f"service/mail/{mail.pk}/release/")

    ticket = Ticket.objects.get()
    assert response["Location"] == f"/t/acme/service/tickets/{ticket.pk}/"
    assert ticket.subject == "Really a question"
    assert agent.post(f"service/mail/{mail.pk}/release/").status_code == 403


def test_an_agent_discards_what_waits_in_quarantine(mailbox, agent):
    mail = receive(X_Spam_Flag="YES")

    agent.post(f"service/mail/{mail.pk}/discard/")

    assert InboundMail.objects.get().state == InboundState.DISCARDED
    assert agent.post(f"service/mail/{mail.pk}/discard/").status_code == 403


def test_the_original_is_saved_and_never_shown(mailbox, agent, reader):
    mail = receive(write_mail(html="<script>alert(1)</script><p>x</p>"))

    for path in (f"service/mail/{mail.pk}/original/", f"service/messages/{mail.ticket_message_id}/original/"):
        response = agent.get(path)
        assert response.content == bytes(mail.raw)
        assert response["Content-Disposition"].startswith("attachment")
        assert response["Content-Type"] == "application/octet-stream"
    assert reader.get(f"service/mail/{mail.pk}/original/").status_code in (403, 404)


def test_html_is_shown_without_what_could_act(mailbox, agent):
    mail = receive(write_mail("plain", html='<p onclick="x()">Hi <b>you</b><img src="https://t.example/p.gif"></p>'))

    assert TicketMessage.objects.get().html == "<p>Hi <b>you</b></p>"
    assert "t.example" not in agent.get(f"service/tickets/{mail.ticket.pk}/").content.decode()


def test_a_mail_that_cannot_be_shown_says_so(mailbox):
    mail = receive(b"From: ann@river.example\nSubject: x\nContent-Type: application/pdf\n\n")

    assert mail.ticket.messages.get().text == "(The mail holds no text that can be shown.)"


def test_the_first_page_tells_of_quarantine(mailbox, agent):
    receive(X_Spam_Flag="YES", Subject="Look at me")

    assert "Look at me" in agent.get("?panels=all").content.decode()


def test_a_second_reading_of_the_released_keeps_one_ticket(mailbox):
    mail = receive(X_Spam_Flag="YES")

    take_in(mail, is_wanted=True)

    assert Ticket.objects.count() == 1
