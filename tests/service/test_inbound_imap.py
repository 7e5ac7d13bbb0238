"""Fetching from a mailbox: a real conversation with a server over TLS. Nothing is lost, doubled, marked or deleted."""

from __future__ import annotations

import datetime
import ssl

import pytest
from django.utils import timezone

from crm.jobs import run_job
from crm.jobs.models import Job
from crm.security import sealing
from service.choices.mail import FetchProblem, ImapSecurity, InboundReason, InboundState
from service.inbound import imap
from service.inbound.fetching import fetch_mailbox
from service.inbound.imap import FetchFailed
from service.inbound.taking import take_in_waiting
from service.inbound.work import fetch_in_turn
from service.models import InboundMail, Mailbox, Ticket
from tests.factories.mail import make_mailbox, write_mail

from .imap_server import PASSWORD, USER, Store, make_certificate, serving

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem")


@pytest.fixture(autouse=True)
def trusting(certificate, monkeypatch, settings):
    settings.INBOUND_MAIL_PRIVATE_SERVERS = True
    settings.MAIL_SENT_AT_ONCE = False
    monkeypatch.setattr(imap, "tls_context", lambda: ssl.create_default_context(cafile=certificate))


@pytest.fixture
def store():
    return Store()


@pytest.fixture
def port(store, certificate):
    with serving(store, certificate) as port:
        yield port


@pytest.fixture
def mailbox(queue, port):
    mailbox = make_mailbox(imap_host="localhost", imap_port=port, imap_user=USER)
    mailbox.imap_password = PASSWORD
    mailbox.save()
    return mailbox


def fetch(mailbox: Mailbox) -> int:
    return fetch_mailbox(tenant=mailbox.tenant, mailbox=Mailbox.objects.get(pk=mailbox.pk))


def subjects() -> list[str]:
    list(take_in_waiting())
    return list(InboundMail.objects.order_by("pk").values_list("subject", flat=True))


def test_what_is_new_is_fetched_once_and_left_as_it_is(mailbox, store):
    store.add(write_mail(Subject="One"))
    store.add(write_mail(Subject="Two", files={"a.pdf": b"x" * 100_000}))

    assert fetch(mailbox) == 2
    assert Job.objects.get().kind == "service.take_in_mail", "one job for all of them"
    assert subjects() == ["One", "Two"]
    assert Ticket.objects.count() == 2
    assert [mail.mailbox for mail in InboundMail.objects.all()] == [mailbox, mailbox]

    store.add(write_mail(Subject="Three"))
    assert fetch(mailbox) == 1
    assert subjects() == ["One", "Two", "Three"]
    told = " ".join(store.log)
    assert "EXAMINE" in told
    assert all(word not in told for word in ("STORE", "SELECT", "EXPUNGE", "BODY[]"))


def test_starttls_works_too(queue, store, certificate):
    with serving(store, certificate, is_tls=False) as port:
        mailbox = make_mailbox(imap_host="localhost", imap_port=port, imap_security=ImapSecurity.STARTTLS)
        mailbox.imap_password = PASSWORD
        mailbox.save()
        store.add(write_mail())

        assert fetch(mailbox) == 1
    assert store.log.index("STARTTLS") < store.log.index("LOGIN")


def test_after_an_outage_the_reading_goes_on_where_it_ended(mailbox, store):
    for number in range(5):
        store.add(write_mail(Subject=f"{number}"))
    store.breaks_after = 2

    with pytest.raises(FetchFailed):
        fetch(mailbox)
    assert InboundMail.objects.count() == 2
    assert Mailbox.objects.get().problem == FetchProblem.UNREACHABLE

    store.breaks_after = None
    assert fetch(mailbox) == 3
    assert subjects() == ["0", "1", "2", "3", "4"]
    assert Mailbox.objects.get().problem == ""


def test_a_folder_that_counts_anew_gives_no_mail_twice(mailbox, store):
    store.add(write_mail(Subject="One"))
    fetch(mailbox)
    store.validity += 1
    store.add(write_mail(Subject="Two"))

    assert fetch(mailbox) == 1
    assert subjects() == ["One", "Two"]


def test_the_letters_of_ten_years_are_left_alone(mailbox, store):
    store.add(write_mail(Subject="Old"), timezone.now().date() - datetime.timedelta(days=400))
    store.add(write_mail(Subject="New"))

    assert fetch(mailbox) == 1
    assert subjects() == ["New"]


def test_of_a_mail_that_is_too_large_the_beginning_is_fetched(mailbox, store, settings):
    settings.INBOUND_MAIL_MAX_BYTES = 300_000
    store.add(write_mail("x" * 500_000, Subject="Huge"))

    fetch(mailbox)

    assert subjects() == ["Huge"]
    mail = InboundMail.objects.get()
    assert (mail.state, mail.reason) == (InboundState.QUARANTINE, InboundReason.TOO_LARGE)
    assert mail.size > 500_000 > len(bytes(mail.raw))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"imap_user": "nobody"}, FetchProblem.REFUSED),
        ({"imap_folder": "Entwürfe & mehr"}, FetchProblem.FOLDER),
        ({"imap_host": "127.0.0.1"}, FetchProblem.CERTIFICATE),
        ({"imap_host": "no-such-host.invalid"}, FetchProblem.UNREACHABLE),
        ({"imap_port": 1}, FetchProblem.UNREACHABLE),
        ({"imap_password_sealed": "nonsense"}, FetchProblem.SEALED),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_what_is_wrong_is_said_at_the_mailbox(mailbox, change, problem):
    Mailbox.objects.update(**change)

    with pytest.raises(FetchFailed) as failed:
        fetch(mailbox)

    assert failed.value.problem == problem
    assert Mailbox.objects.get().problem == problem


def test_nobody_looks_into_the_network_behind_our_servers(mailbox, settings, store):
    settings.INBOUND_MAIL_PRIVATE_SERVERS = False

    with pytest.raises(FetchFailed) as failed:
        fetch(mailbox)

    assert failed.value.problem == FetchProblem.PRIVATE
    assert store.log == []


def test_a_folder_has_a_name_of_any_script():
    assert imap._quoted('客服 & "A"/B') == '"&W6JnDQ- &- \\"A\\"/B"'


# -- the mailbox's pages


def form(**changes):
    return {
        "address": "Help@Acme.example",
        "is_active": "on",
        "confirms": "on",
        "has_plus": "on",
        "imap_host": "imap.acme.example",
        "imap_port": "993",
        "imap_security": "tls",
        "imap_folder": "INBOX",
        "password": "secret word",
    } | changes


def test_a_password_is_kept_sealed_and_never_shown(lead, queue, settings):
    lead.post("service/mailboxes/new/", form())

    mailbox = Mailbox.objects.get()
    assert (mailbox.address, mailbox.imap_password) == ("help@acme.example", "secret word")
    assert "secret" not in mailbox.imap_password_sealed
    for path in ("", "edit/", "delete/"):
        assert "secret word" not in lead.get(f"service/mailboxes/{mailbox.pk}/{path}").content.decode()

    lead.post(f"service/mailboxes/{mailbox.pk}/edit/", form(password="", version=1))
    assert Mailbox.objects.get().imap_password == "secret word", "left empty, it stays"

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key that nobody can guess"
    assert Mailbox.objects.get().imap_password == "secret word"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(sealing.CannotUnseal):
        Mailbox.objects.get().imap_password  # noqa: B018  # reading it is the test


def test_secrets_are_sealed_anew_with_the_newest_key(mailbox, settings):
    from django.core.management import call_command

    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key that nobody can guess"
    call_command("rotate_secrets")
    settings.SECRET_KEY_FALLBACKS = []

    assert Mailbox.objects.get().imap_password == PASSWORD


def test_a_server_without_a_password_is_refused(lead, queue):
    response = lead.post("service/mailboxes/new/", form(password=""))

    assert response.status_code == 422
    assert "The mail server asks for a password." in response.content.decode()


def test_another_server_is_read_from_its_beginning(lead, mailbox):
    Mailbox.objects.update(last_uid=5, uid_validity=7)

    lead.post(f"service/mailboxes/{mailbox.pk}/edit/", form(version=1))

    assert (Mailbox.objects.get().last_uid, Mailbox.objects.get().uid_validity) == (0, None)


def test_one_mailbox_takes_the_answers_of_other_queues(lead, mailbox):
    Mailbox.objects.update(is_default=True)

    lead.post("service/mailboxes/new/", form(is_default="on"))

    assert list(Mailbox.objects.filter(is_default=True).values_list("address", flat=True)) == ["help@acme.example"]


def test_agents_do_not_see_where_the_mail_lies(agent, mailbox):
    assert agent.get("service/mailboxes/").status_code == 403
    assert agent.get(f"service/mailboxes/{mailbox.pk}/").status_code == 404


def test_fetching_by_hand_says_what_is_wrong(lead, mailbox, store):
    store.add(write_mail())
    response = lead.post(f"service/mailboxes/{mailbox.pk}/fetch/")

    job = Job.objects.get()
    assert response["Location"] == f"/t/acme/jobs/{job.pk}/"
    assert run_job(job).state == "succeeded"
    assert InboundMail.objects.count() == 1

    Mailbox.objects.update(imap_user="nobody")
    lead.post(f"service/mailboxes/{mailbox.pk}/fetch/")
    ended = run_job(Job.objects.filter(kind="service.fetch_mailbox").order_by("-pk")[0])
    assert (ended.state, ended.error) == ("failed", "The mail server refused the user name or password.")


def test_a_mailbox_in_turn_is_fetched_and_one_out_of_use_is_not(mailbox, store):
    store.add(write_mail())
    Mailbox.objects.update(is_active=False)
    fetch_in_turn(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)
    assert not InboundMail.objects.exists()

    Mailbox.objects.update(is_active=True)
    fetch_in_turn(tenant_id=mailbox.tenant_id, mailbox_id=mailbox.pk)

    assert InboundMail.objects.count() == 1
