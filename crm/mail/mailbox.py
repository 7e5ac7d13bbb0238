"""Mail of the demo: one file each in a folder, and how the mailbox page reads them. Nothing leaves the machine."""

from __future__ import annotations

import email
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage as ParsedMessage
from email.policy import default as default_policy
from pathlib import Path

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend

_KEY = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
SHOWN = 100


class MailboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages) -> int:
        for message in email_messages:
            keep_mail(message.message().as_bytes(linesep="\n"))
        return len(email_messages)


def keep_mail(content: bytes) -> None:
    folder = mailbox_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}"
    unfinished = folder / f"{key}.part"
    unfinished.write_bytes(content)
    unfinished.rename(folder / f"{key}.eml")


@dataclass(frozen=True)
class MailboxEntry:
    key: str
    sent_at: datetime
    message: ParsedMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def html(self) -> str:
        body = self.message.get_body(["html"])
        return body.get_content() if body else ""

    @property
    def text(self) -> str:
        body = self.message.get_body(["plain"])
        return body.get_content() if body else ""


def mailbox_folder() -> Path:
    return Path(settings.DATA_DIR) / "mail"


def newest_entries() -> list[MailboxEntry]:
    paths = sorted(mailbox_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return [entry for path in paths if (entry := find_entry(path.stem))]


def find_entry(key: str) -> MailboxEntry | None:
    """The mail of this key, or None. A key that we did not make reaches no file."""
    if not _KEY.fullmatch(key):
        return None
    try:
        content = (mailbox_folder() / f"{key}.eml").read_bytes()
    except FileNotFoundError:
        return None
    message = email.message_from_bytes(content, policy=default_policy)
    return MailboxEntry(key, datetime.strptime(key[:21], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC), message)
