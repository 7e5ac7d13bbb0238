"""The mail server of the demo: what is sent over SMTP is read in the mailbox."""

import os
import signal
import smtplib
import socket
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.mail import EmailMessage, get_connection

from crm.mail import mailbox
from tests.crm.jobs.harness import wait_for


@pytest.fixture
def server(tmp_path, settings):
    settings.DATA_DIR = tmp_path
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "capture_mail", "--port", str(port)],
        cwd=project.BASE_DIR,
        env=os.environ | {"DATA_DIR": str(tmp_path)},
    )
    wait_for(lambda: _answers(port), seconds=30)
    yield port
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


def _answers(port: int) -> bool:
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=5).quit()
    except OSError:
        return False
    return True


def test_what_is_sent_by_smtp_is_read_in_the_mailbox(server):
    sender = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=server)
    body = "您好：\n.一行以点开头\n谢谢"
    for name in ("ann", "ben"):
        EmailMessage("报价 42", body, "sales@acme.example", [f"{name}@mail.example"], connection=sender).send()

    entries = mailbox.newest_entries()

    assert {entry.to for entry in entries} == {"ann@mail.example", "ben@mail.example"}
    assert entries[0].subject == "报价 42"
    assert entries[0].text.replace("\r\n", "\n").strip() == body
