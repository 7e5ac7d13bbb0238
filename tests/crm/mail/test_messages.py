"""The one entry for outgoing mail: both languages, both forms, nothing slips into a header, nothing is lost."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template import TemplateDoesNotExist
from django.utils import timezone, translation

from crm.mail import delivery
from crm.mail.messages import absolute_url, send_mail_message
from crm.mail.models import OutgoingMail
from tests.factories import make_tenant, make_user

pytestmark = pytest.mark.django_db

URL = "http://localhost:8000/accounts/?a=1&b=2"


def send(to="ann@acme.example", language="en", template="password_reset", tenant=None, **context) -> OutgoingMail:
    return send_mail_message(template, to, {"person": "Ann", "url": URL} | context, language, tenant)


def test_mail_has_text_and_html_in_the_language_asked_for():
    with translation.override("zh-hans"):
        message = send(language="en")
        assert translation.get_language() == "zh-hans"

    assert message.subject == "A new password for your account"
    assert message.text.startswith("Hello Ann,\n")
    assert '<html lang="en">' in message.html


def test_plain_text_is_not_escaped_and_html_is():
    message = send(person="<Ann & Bob>")

    assert "Hello <Ann & Bob>," in message.text
    assert URL in message.text
    assert "Hello &lt;Ann &amp; Bob&gt;," in message.html


@pytest.mark.parametrize(
    "evil", ["Acme\r\nBcc: eve@example.com", "Acme\nBcc: eve@example.com", "Acme\x0b\x85\u2028Ltd"]
)
def test_a_name_cannot_add_a_header(evil, django_capture_on_commit_callbacks):
    tenant = make_tenant(name=evil)

    with django_capture_on_commit_callbacks(execute=True):
        send(template="security_notice", notice=evil, tenant=tenant, at=timezone.now(), address="192.0.2.1")

    (message,) = mail.outbox
    sent = message.message()
    assert message.recipients() == ["ann@acme.example"]
    assert sent["Bcc"] is None
    assert "\n" not in message.subject
    assert "\n" not in str(sent["From"]).replace("\n ", "")


@pytest.mark.parametrize("to", ["nobody", "a@b.example\nBcc: eve@example.com", "a@b.example, eve@example.com", ""])
def test_an_address_that_is_none_is_refused(to):
    with pytest.raises(ValidationError):
        send(to=to)

    assert not OutgoingMail.objects.exists()


def test_mail_of_a_tenant_comes_in_its_name_from_our_address():
    message = send(tenant=make_tenant(name="华星贸易"))

    assert message.sender == "=?utf-8?b?5Y2O5pif6LS45piT?= <no-reply@localhost>"


def test_an_unknown_template_is_a_loud_error():
    with pytest.raises(TemplateDoesNotExist):
        send(template="no_such_mail")


def test_nothing_leaves_when_the_change_is_rolled_back(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        try:
            with transaction.atomic():
                send()
                raise ZeroDivisionError
        except ZeroDivisionError:
            pass

    assert mail.outbox == []
    assert not OutgoingMail.objects.exists()


def test_what_was_sent_is_not_kept(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send()

    assert len(mail.outbox) == 1
    assert not OutgoingMail.objects.exists()


def test_a_mail_server_that_is_gone_loses_nothing(monkeypatch):
    send()
    send(to="bob@acme.example")
    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", _fail)
    assert delivery.deliver_due() == 0

    waiting = OutgoingMail.objects.order_by("pk")
    assert [(row.attempts_count, row.error) for row in waiting] == [(1, "SMTPServerDisconnected")] * 2
    assert all(row.next_try_at > timezone.now() for row in waiting)

    monkeypatch.undo()
    waiting.update(next_try_at=timezone.now())
    assert delivery.deliver_due() == 2
    assert [message.to for message in mail.outbox] == [["ann@acme.example"], ["bob@acme.example"]]


def test_waits_grow_and_end(monkeypatch):
    monkeypatch.setattr(mail.EmailMultiAlternatives, "send", _fail)
    send()
    waits = []
    for _ in range(delivery.MAX_ATTEMPTS):
        OutgoingMail.objects.update(next_try_at=timezone.now())
        delivery.deliver_due()
        row = OutgoingMail.objects.get()
        waits.append(round((row.next_try_at - timezone.now()).total_seconds() / 60))

    assert waits[:4] == [1, 2, 4, 8]
    assert waits[-1] == 360
    assert row.gave_up_at
    OutgoingMail.objects.update(next_try_at=timezone.now())
    assert delivery.deliver_due() == 0
    assert OutgoingMail.objects.get().attempts_count == delivery.MAX_ATTEMPTS


def test_what_could_not_be_sent_is_deleted_after_a_week():
    send()
    OutgoingMail.objects.update(gave_up_at=timezone.now() - timedelta(days=6))
    assert delivery.forget_old_mail() == 0

    OutgoingMail.objects.update(gave_up_at=timezone.now() - timedelta(days=8))

    assert delivery.forget_old_mail() == 1


def test_a_broker_that_is_gone_does_not_break_the_page(settings, monkeypatch):
    from kombu.exceptions import OperationalError

    from crm.mail import tasks

    settings.MAIL_SENT_AT_ONCE = False
    monkeypatch.setattr(tasks.deliver, "apply_async", lambda **options: _raise(OperationalError("gone")))
    send()

    delivery.wake()

    assert OutgoingMail.objects.filter(gave_up_at=None).count() == 1


def test_links_begin_with_the_public_address(settings):
    settings.PUBLIC_URL = "https://crm.example.com"

    assert absolute_url("/accounts/login/") == "https://crm.example.com/accounts/login/"


MAILS = {
    "invitation": {"days": 7},
    "password_reset": {},
    "email_confirmation": {},
    "unknown_account": {},
    "account_exists": {},
    "security_notice": {"notice": "Your password was changed.", "at": timezone.now(), "address": "192.0.2.1"},
}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("template", MAILS)
def test_every_mail_says_the_same_in_both_forms(template, language):
    from types import SimpleNamespace

    person = make_user("sender@acme.example", name="Bob")
    invitation = SimpleNamespace(name="Ann", invited_by=person)
    tenant = make_tenant(name="Acme") if template == "invitation" else None

    message = send(template=template, language=language, tenant=tenant, invitation=invitation, **MAILS[template])

    assert message.subject
    with_link = template not in {"unknown_account", "account_exists"}
    assert (URL in message.text) == with_link
    assert (URL.replace("&", "&amp;") in message.html) == with_link
    assert "{{" not in message.text + message.html
    assert "{%" not in message.text + message.html


def test_every_template_of_a_mail_is_tested_here(settings):
    folder = settings.BASE_DIR / "templates" / "mail"
    written = {path.stem for path in folder.glob("*.txt")} - {"base"}

    assert written >= set(MAILS)
    assert {name for name in written if not (folder / f"{name}.html").exists()} == set()


def _fail(self, *args, **kwargs):
    raise SMTPServerDisconnected("for Ann <ann@acme.example>")


def _raise(error: Exception):
    raise error
