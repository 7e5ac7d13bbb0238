"""The portal: anybody writes to us, and sees by a signed link how it stands. Of others they learn nothing."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile

from crm.mail.models import OutgoingMail
from crm.public.tokens import make_token
from crm.tenancy.context import use_tenant
from service.choices.tickets import MessageKind, TicketChannel, TicketStatus
from service.models import PortalSettings, Ticket, TicketAttachment
from service.operations.tickets import add_note, change_ticket, reply_to_ticket
from service.portal import link_token
from tests.factories.service import make_queue, make_ticket

pytestmark = pytest.mark.django_db

NEW = "/p/acme/tickets/new/"


@pytest.fixture(autouse=True)
def nobody_asked_before(settings):
    cache.clear()
    settings.MAIL_SENT_AT_ONCE = False


def words(**changes):
    return {
        "name": "Ann Lee",
        "email": "Ann@River.example",
        "subject": "Printer on fire",
        "text": "It does not work.",
        "once": "1b671a64-40d5-491e-99b0-da01ff1f3341",
    } | changes


def upload(name="photo.jpg", content=b"\xff\xd8 smoke"):
    return SimpleUploadedFile(name, content)


def status_page(ticket: Ticket) -> str:
    return f"/e/{link_token(ticket)}/ticket/"


# -- the form


def test_anybody_opens_a_ticket_and_is_led_to_its_page(client, queue):
    response = client.post(NEW, words(attachments=[upload(), upload("合同.pdf", b"%PDF-1")]))

    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.channel, ticket.status) == (
        "Printer on fire",
        TicketChannel.PORTAL,
        TicketStatus.NEW,
    )
    assert (ticket.sender_name, ticket.sender_email, ticket.queue) == ("Ann Lee", "ann@river.example", queue)
    assert ticket.messages.get().text == "It does not work."
    assert [one.file.name for one in ticket.attachments.order_by("pk")] == ["photo.jpg", "合同.pdf"]
    assert response["Location"] == status_page(ticket) + "?sent=1"
    page = client.get(response["Location"]).content.decode()
    assert "Your message has reached us." in page
    assert "合同.pdf" in page


def test_the_ticket_belongs_to_the_customer_whose_address_it_is(client, queue, customer):
    client.post(NEW, words(email="desk@blue.example"))

    assert Ticket.objects.get().customer == customer


def test_a_short_mail_says_where_to_look_in_the_language_of_the_page(client, queue):
    client.post(NEW, words(subject="Cheap pills", text="Buy them"), headers={"accept-language": "zh-CN"})

    (mail,) = OutgoingMail.objects.all()
    assert (mail.to, mail.language) == ("ann@river.example", "zh-hans")
    assert status_page(Ticket.objects.get()) in mail.text
    assert "pills" not in mail.subject + mail.text + mail.html
    assert "Buy" not in mail.text + mail.html


def test_one_address_is_not_flooded_in_its_name(client, queue, settings):
    for number in range(5):
        client.post(NEW, words(once=f"1b671a64-40d5-491e-99b0-da01ff1f334{number}"))

    assert Ticket.objects.count() == 5
    assert OutgoingMail.objects.count() == 2


def test_a_form_sent_twice_opens_one_ticket(client, queue):
    first, second = client.post(NEW, words()), client.post(NEW, words())

    assert first["Location"] == second["Location"]
    assert Ticket.objects.count() == 1
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"text": " "}, "This field is required."),
        ({"subject": ""}, "This field is required."),
        ({"name": ""}, "This field is required."),
    ],
)
def test_a_refused_form_keeps_what_was_typed(client, queue, changes, said):
    response = client.post(NEW, words(**({"text": "What I typed"} | changes)))

    page = response.content.decode()
    assert response.status_code == 422
    assert said in page
    assert "What I typed" in page or changes.get("text") == " "
    assert not Ticket.objects.exists()


@pytest.mark.parametrize(
    "file",
    [upload("a.exe"), upload("picture.jpg", b"MZ\x90\x00"), upload("run.pdf.JS"), upload("x.txt", b"#!/bin/sh")],
    ids=lambda file: file.name,
)
def test_programs_are_not_taken(client, queue, file):
    file.seek(0)
    response = client.post(NEW, words(attachments=[file]))

    assert response.status_code == 422
    assert "programs are not taken" in response.content.decode()
    assert not TicketAttachment.objects.exists()


def test_files_may_only_be_so_large_together(client, queue, settings):
    settings.PUBLIC_UPLOAD_MAX_BYTES = 1_000

    response = client.post(NEW, words(attachments=[upload("a.pdf", b"a" * 600), upload("b.pdf", b"b" * 600)]))

    assert response.status_code == 422
    assert "Together they may have" in response.content.decode()


def test_what_a_visitor_sends_is_dropped_behind_the_limit(client, queue, settings):
    """The disk is not filled by those who are nobody."""
    from crm.files.uploads import LimitedUploadHandler

    class Request:
        is_public, tenant = True, object()

    settings.PUBLIC_UPLOAD_MAX_BYTES = 100
    handler = LimitedUploadHandler(Request())
    passed = 0
    for _file in range(3):
        handler.new_file("files", "a", "text/plain", None)
        passed += sum(handler.receive_data_chunk(b"x" * 60, 0) is not None for _chunk in range(5))

    assert passed == 2


def test_too_many_files_are_refused(client, queue, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 20

    response = client.post(NEW, words(attachments=[upload(f"{n}.pdf", b"x") for n in range(11)]))

    assert response.status_code == 422
    assert "At most 10 can be attached." in response.content.decode()


def test_a_program_that_fills_in_everything_opens_nothing_and_is_not_told(client, queue):
    response = client.post(NEW, words(website="https://pills.example"))

    assert response["Location"] == "/p/acme/tickets/sent/"
    assert "reached us" in client.get(response["Location"]).content.decode()
    assert not Ticket.objects.exists()


def test_forms_are_limited_by_network(client, queue, settings):
    settings.PUBLIC_FORMS_PER_MINUTE = 2

    statuses = [client.post(NEW, words(subject="")).status_code for _ in range(3)]

    assert statuses == [422, 422, 429]


def test_the_address_alone_leads_to_the_form(client, queue):
    assert client.get("/p/acme/")["Location"] == NEW


# -- the page of a ticket


def test_the_page_shows_what_was_said_and_no_note(client, queue, agent):
    ticket = make_ticket(queue=queue, sender_name="Ann Lee", text="It burns")
    reply_to_ticket(ticket=ticket, author=agent.user, text="Use water")
    add_note(ticket=ticket, author=agent.user, text="They are angry")

    page = client.get(status_page(ticket)).content.decode()

    assert "It burns" in page
    assert "Use water" in page
    assert "They are angry" not in page
    assert "We wait for your answer" in page
    assert client.get(status_page(ticket))["X-Robots-Tag"] == "noindex, nofollow"


def test_an_answer_there_opens_the_ticket_again(client, queue, agent):
    ticket = make_ticket(queue=queue, sender_name="Ann Lee", sender_email="ann@river.example")
    change_ticket(ticket=ticket, by=agent.user, status=TicketStatus.SOLVED)
    once = words()["once"]

    for _ in range(2):
        response = client.post(status_page(ticket), {"text": "Still burning", "once": once, "attachments": [upload()]})

    assert response["Location"] == status_page(ticket) + "?sent=1"
    message = ticket.messages.order_by("-pk").first()
    assert (message.kind, message.text, message.sender_name) == (MessageKind.INBOUND, "Still burning", "Ann Lee")
    assert (message.channel, ticket.messages.count()) == (TicketChannel.PORTAL, 2)
    assert Ticket.objects.get().status == TicketStatus.OPEN
    assert TicketAttachment.objects.get().message == message


def test_a_link_opens_its_own_ticket_only(client, queue, in_tenant, other_tenant):
    ticket = make_ticket(queue=queue)
    other = make_ticket(queue=queue, subject="Somebody else's")

    assert "Somebody else" not in client.get(status_page(ticket)).content.decode()
    assert client.get(f"/e/{make_token(in_tenant, 'send', ticket.pk)}/ticket/").status_code == 404
    assert client.get(f"/e/{make_token(other_tenant, 'ticket', other.pk)}/ticket/").status_code == 404
    assert client.get(f"/e/{make_token(in_tenant, 'ticket', 10**9)}/ticket/").status_code == 404
    assert client.get(status_page(ticket).replace("/ticket/", "x/ticket/")).status_code == 404


def test_files_are_saved_by_link_but_not_those_of_notes(client, queue, agent):
    from service.attachments import NewFile

    ticket, other = make_ticket(queue=queue), make_ticket(queue=queue)
    reply_to_ticket(ticket=ticket, author=agent.user, text="x", files=[NewFile.of_bytes("说明.html", b"<script>")])
    add_note(ticket=ticket, author=agent.user, text="x", files=[NewFile.of_bytes("inside.txt", b"secret")])
    shown, hidden = TicketAttachment.objects.order_by("pk")

    response = client.get(f"{status_page(ticket)}files/{shown.pk}/")

    assert b"".join(response.streaming_content) == b"<script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]
    assert client.get(f"{status_page(ticket)}files/{hidden.pk}/").status_code == 404
    assert client.get(f"{status_page(other)}files/{shown.pk}/").status_code == 404


# -- its settings


def test_a_support_lead_sets_the_portal_up(lead, client, queue):
    returns = make_queue(name="Returns")
    page = lead.get("service/settings/portal/").content.decode()
    assert "http://localhost:8000/p/acme/tickets/new/" in page

    lead.post("service/settings/portal/", {"is_open": "on", "greeting": "Hello <b>you</b>", "queue": returns.pk})
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in client.get(NEW).content.decode()
    client.post(NEW, words())
    assert Ticket.objects.get().queue == returns

    stale = lead.post("service/settings/portal/", {"is_open": "on", "version": 0})
    assert stale.status_code == 409


def test_a_closed_portal_is_not_there_and_mails_have_no_link(lead, client, queue, agent):
    ticket = make_ticket(queue=queue, sender_email="ann@river.example")
    PortalSettings.objects.create(is_open=False)

    assert client.get(NEW).status_code == 404
    assert client.post(NEW, words()).status_code == 404
    assert client.get(status_page(ticket)).status_code == 404
    reply_to_ticket(ticket=ticket, author=agent.user, text="x")
    assert "/e/" not in OutgoingMail.objects.get().text


def test_agents_do_not_set_the_portal_up(agent):
    assert agent.get("service/settings/portal/").status_code == 403


def test_each_tenant_has_its_own_portal(client, queue, other_tenant):
    response = client.post("/p/huaxing/tickets/new/", words(), headers={"accept-language": "de"})

    assert not Ticket.objects.exists()
    with use_tenant(other_tenant):
        ticket = Ticket.objects.get()
        assert response["Location"] == status_page(ticket) + "?sent=1"
    # Neither the visitor nor the browser knows a language of ours: the tenant's.
    assert re.search(r'<html lang="zh-hans"', client.get("/p/huaxing/tickets/new/").content.decode())


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_states_the_same_few_queries(client, queue, agent, rows, django_assert_num_queries):
    from service.attachments import NewFile

    ticket = make_ticket(queue=queue)
    for _ in range(rows):
        reply_to_ticket(ticket=ticket, author=agent.user, text="x", files=[NewFile.of_bytes("a.txt", b"a")])

    # The tenant, two for the transaction, ticket, settings, messages, files.
    with django_assert_num_queries(7):
        client.get(status_page(ticket))
