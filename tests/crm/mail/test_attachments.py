"""Files that go out with a mail."""

import pytest
from django.core import mail
from django.utils import timezone

from crm.errors import AttachmentTooLarge
from crm.mail import messages
from crm.mail.messages import Attachment, send_mail_message
from crm.mail.models import OutgoingAttachment, OutgoingMail

pytestmark = pytest.mark.django_db

QUOTE = Attachment("报价单 Q-1.pdf", b"%PDF-1.7 ...", "application/pdf")
NOTICE = {"notice": "Hello", "at": timezone.now(), "address": "192.0.2.1"}


def test_file_goes_out_with_the_mail_and_is_gone_afterwards(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_message("security_notice", "ann@acme.example", NOTICE, "en", attachments=[QUOTE])

    (message,) = mail.outbox
    (attached,) = message.attachments
    assert tuple(attached) == ("报价单 Q-1.pdf", b"%PDF-1.7 ...", "application/pdf")
    assert "报价单 Q-1.pdf" in [part.get_filename() for part in message.message().walk()]
    assert not OutgoingMail.objects.exists()
    assert not OutgoingAttachment.objects.exists()


def test_answer_goes_to_whoever_it_is_from(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        send_mail_message("security_notice", "ann@acme.example", NOTICE, "en", reply_to="sales@acme.example")

    assert mail.outbox[0].message()["Reply-To"] == "sales@acme.example"


def test_name_of_a_file_cannot_add_a_header(django_capture_on_commit_callbacks):
    evil = Attachment("a.pdf\r\nBcc: eve@example.com", b"x", "application/pdf")

    with django_capture_on_commit_callbacks(execute=True):
        send_mail_message("security_notice", "ann@acme.example", NOTICE, "en", attachments=[evil])

    assert "\nBcc:" not in mail.outbox[0].message().as_string()


def test_mail_that_no_server_would_take_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(messages, "MOST_ATTACHED", 5)

    with pytest.raises(AttachmentTooLarge):
        send_mail_message("security_notice", "ann@acme.example", NOTICE, "en", attachments=[QUOTE])

    assert not OutgoingMail.objects.exists()
