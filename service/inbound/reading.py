"""A mail taken apart. Mails are written by programs of thirty years, some broken: nothing here raises because of one.

The standard library's older way of reading (`compat32`) keeps what it does not understand; the newer one raises.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message

from crm.files.names import clean_file_name
from crm.html import clean_html, html_to_text

from .bounces import Bounce, read_bounce
from .charsets import header_text, plain, text_of
from .heads import Head, charset_of, content_of, mails_in, quietly
from .natures import Nature, nature_of

LONGEST_TEXT = 100_000
_LONGEST_HTML = 500_000
_MOST_FILES = 50
_MOST_PARTS = 500
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To", "To", "Cc")
_ENDINGS = {"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "message/rfc822": ".eml"}


@dataclass(frozen=True, slots=True)
class MailFile:
    name: str
    content: bytes


@dataclass(slots=True)
class ReadMail:
    """What a mail says. `answers` are numbers of mails that it answers, the nearest one first."""

    message_id: str = ""
    answers: list[str] = field(default_factory=list)
    sender_name: str = ""
    sender_email: str = ""
    # From and Return-Path as they are, also when answers are to go elsewhere.
    from_addresses: list[str] = field(default_factory=list)
    to: list[str] = field(default_factory=list)
    subject: str = ""
    text: str = ""
    html: str = ""
    files: list[MailFile] = field(default_factory=list)
    nature: Nature = Nature.PERSON
    bounce: Bounce | None = None
    is_spam: bool = False
    # It was written by a person, who wants no machine to answer.
    wants_no_notice: bool = False


def read_mail(raw: bytes) -> ReadMail:
    message = email.message_from_bytes(raw)
    head = Head(message)
    nature = nature_of(head, message)
    name, address = head.sender()
    files = list(_files(message))
    text, html = _texts(message)
    return ReadMail(
        message_id=next(iter(head.numbers("Message-ID")), ""),
        answers=head.answers(),
        sender_name=name,
        sender_email=address,
        from_addresses=[one for _name, one in head.addresses("From", "Sender", "Return-Path")],
        to=[one for _name, one in head.addresses(*_TO)],
        subject=head.subject(),
        text=text,
        html=html,
        files=files[:_MOST_FILES],
        nature=nature,
        bounce=read_bounce(message, head) if nature == Nature.BOUNCE else None,
        is_spam=head.text("X-Spam-Flag").lower().startswith("yes") or head.text("X-Spam").lower().startswith("yes"),
        wants_no_notice=bool(re.search(r"\b(all|autoreply|oof)\b", head.text("X-Auto-Response-Suppress").lower())),
    )


# -- what it says


def _parts(message: Message) -> Iterator[Message]:
    """All parts but those inside of a mail that is attached: that is a file."""
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        is_mail = part.get_content_maintype() == "message" and part is not message
        if part.is_multipart() and not is_mail:
            waiting = mails_in(part) + waiting
        else:
            yield part


def _texts(message: Message) -> tuple[str, str]:
    """The text, and the cleaned HTML when there is some. What only one of them says is made from the other."""
    texts: list[str] = []
    htmls: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or _is_file(part):
            continue
        said = text_of(content_of(part), charset_of(part))
        (htmls if kind == "text/html" else texts).append(plain(said))
    html = "\n".join(htmls)[:_LONGEST_HTML]
    text = "\n\n".join(one.strip() for one in texts if one.strip())
    if not text and html:
        text = html_to_text(html)
    return text[:LONGEST_TEXT].strip(), clean_html(html).strip() if html else ""


def _files(message: Message) -> Iterator[MailFile]:
    for number, part in enumerate(_parts(message), 1):
        if part.is_multipart() and part.get_content_maintype() != "message":
            continue
        if part.get_content_type() in ("text/plain", "text/html") and not _is_file(part):
            continue
        if content := _content(part):
            yield MailFile(_name(part, number), content)


def _is_file(part: Message) -> bool:
    return _disposition(part) == "attachment" or bool(_given_name(part))


def _disposition(part: Message) -> str:
    return quietly(part.get_content_disposition, otherwise=None) or ""


def _given_name(part: Message) -> str:
    return header_text(quietly(part.get_filename, otherwise=None) or "")


def _name(part: Message, number: int) -> str:
    kind = part.get_content_type()
    name = _given_name(part)
    if not name and kind == "message/rfc822" and (mails := mails_in(part)):
        name = Head(mails[0]).subject()[:60]
    return clean_file_name(name or f"{number}", fallback="file") + ("" if "." in name else _ENDINGS.get(kind, ""))


def _content(part: Message) -> bytes:
    """Of an attached mail, the mail as it stands in this one."""
    if mails := mails_in(part):
        return b"\n".join(quietly(one.as_bytes, otherwise=b"") for one in mails)
    return content_of(part)
