"""Many mails over one connection, each with an answer of its own: what a ledger needs that must not send twice.

`send_mail_message` is for mail that has to arrive, and rather sends twice than never. This is the other way out, for
campaigns: the caller writes down what it is about to do, hands over one mail, and writes down what the server said.
"""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr
from enum import StrEnum
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.message import sanitize_address

from .messages import one_line

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# "No such mailbox" of servers that do not give the finer numbers of RFC 3463.
_NO_MAILBOX = {550, 551, 553}


class Answer(StrEnum):
    TAKEN = "taken"
    # The address is none: no mail will ever arrive there.
    NO_MAILBOX = "no_mailbox"
    # Refused for good, for another reason: too large, unwanted, not permitted.
    REFUSED = "refused"
    LATER = "later"
    # The line broke while the server had the whole mail and had not answered.
    UNKNOWN = "unknown"


class MailServerGone(Exception):
    """Nothing was handed over: the server cannot be reached, or closed the line before the mail was on it."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`words` are the server's numbers; its sentence may hold the address and is left out."""

    answer: Answer
    words: str = ""


@dataclass(frozen=True, slots=True)
class BulkMail:
    to: str
    subject: str
    text: str
    html: str
    language: str
    sender_name: str = ""
    reply_to: str = ""
    message_id: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def compose(self) -> EmailMultiAlternatives:
        """Raises ValueError (BadHeaderError, UnicodeError) for what cannot be written down as a mail."""
        headers = {"Content-Language": self.language, "Precedence": "bulk", **self.headers}
        if self.message_id:
            headers["Message-ID"] = self.message_id
        message = EmailMultiAlternatives(
            one_line(self.subject),
            self.text,
            sender(self.sender_name),
            [self.to],
            headers=headers,
            reply_to=[self.reply_to] if self.reply_to else None,
        )
        message.attach_alternative(self.html, "text/html")
        return message


def sender(name: str) -> str:
    """Our own address under the name of whoever writes: another one would not pass the recipients' checks."""
    ours, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((one_line(name) or ours, address))


def message_id(key: str) -> str:
    """`key` comes back with a mail that could not be delivered, so let it be a signed token."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{key}@{domain or 'localhost'}>"


class Line:
    """One open connection. Not for two threads."""

    def __init__(self, backend: Any):
        self._backend = backend

    def hand_over(self, mail: EmailMultiAlternatives) -> Reply:
        """Raises MailServerGone when nothing was handed over, and the line is of no more use."""
        smtp = getattr(self._backend, "connection", None)
        if isinstance(smtp, smtplib.SMTP):
            return _converse(smtp, mail)
        # The demo's mailbox, or a program of one's own: it takes the mail, or says by an error that it did not.
        try:
            self._backend.send_messages([mail])
        except OSError as error:
            raise MailServerGone from error
        return Reply(Answer.TAKEN)


@contextmanager
def open_line() -> Iterator[Line]:
    """Raises MailServerGone."""
    backend = get_connection()
    try:
        backend.open()
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerGone from error
    try:
        yield Line(backend)
    finally:
        backend.close()


def _converse(smtp: smtplib.SMTP, mail: EmailMultiAlternatives) -> Reply:
    """MAIL, RCPT and DATA one by one, so that it is known how far it came when the line breaks."""
    # What cannot be written down is found before the server hears of it.
    content = cast(Any, mail.message()).as_bytes(linesep="\r\n")
    sent_from, sent_to = _address(mail.from_email), _address(mail.to[0])
    try:
        smtp.ehlo_or_helo_if_needed()
        options = ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []
        reply = smtp.mail(sent_from, options)
        is_taken = reply[0] == 250
        if is_taken:
            reply = smtp.rcpt(sent_to)
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPHeloError, OSError) as error:
        raise MailServerGone from error
    if reply[0] == 421:
        raise MailServerGone
    if reply[0] not in (250, 251):
        _reset(smtp)
        return _judge(reply, of_address=is_taken)
    try:
        reply = smtp.data(content)
    except smtplib.SMTPDataError as error:
        reply = (error.smtp_code, cast(bytes, error.smtp_error))
    except (smtplib.SMTPServerDisconnected, OSError):
        # The server may have it all and may not.
        return Reply(Answer.UNKNOWN)
    if reply[0] == 250:
        return Reply(Answer.TAKEN)
    _reset(smtp)
    return _judge(reply)


def _address(text: str) -> str:
    return parseaddr(sanitize_address(text, settings.DEFAULT_CHARSET))[1]


def _reset(smtp: smtplib.SMTP) -> None:
    try:
        smtp.rset()
    except (smtplib.SMTPServerDisconnected, OSError):
        # Whoever sends the next mail over this line will notice.
        smtp.close()


def _judge(reply: tuple[int, bytes | str], *, of_address: bool = False) -> Reply:
    """`of_address`: the server was asked about the recipient alone, so a plain 550 is about that."""
    code, said = reply
    fine = _STATUS.search(said.decode("ascii", "replace") if isinstance(said, bytes) else str(said))
    words = f"{code} {fine[0]}" if fine else str(code)
    if 400 <= code < 500:
        return Reply(Answer.LATER, words)
    if fine:
        no_mailbox = fine[1] == "5" and (fine[2] == "1" or (fine[2], fine[3]) == ("2", "1"))
    else:
        no_mailbox = of_address and code in _NO_MAILBOX
    return Reply(Answer.NO_MAILBOX if no_mailbox else Answer.REFUSED, words)
