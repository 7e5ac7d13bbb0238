"""What a mail server says of a mail that it could not deliver: whom it was for, and whether it ever will.

Newer servers say it in fields (RFC 3464), older ones in sentences of their own. An address is given up for a failure
that is "hard" only: nobody of this name, no such host. A full mailbox, a filter, a delay may be over tomorrow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from .heads import Head, content_of, mails_in
from .natures import first_words
from .phrases import HARD, POSTMASTERS, RETURNED_BELOW, SOFT

_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_SAYS_NOTHING = re.compile(r"\S+@\S+|https?://\S+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_NUMBER = re.compile(r"^\s*(?:>\s*)?message-id:\s*(<[^<>\s]{1,253}>)", re.IGNORECASE | re.MULTILINE)
_HARD_NUMBERS = {("1", "0"), ("1", "1"), ("1", "2"), ("1", "3"), ("1", "6"), ("1", "10")}


@dataclass(frozen=True, slots=True)
class Bounce:
    """`status` is "5.1.1" or "". `original_id` is the number of the mail that was returned."""

    recipients: tuple[str, ...] = ()
    status: str = ""
    is_hard: bool = False
    original_id: str = ""


@dataclass(frozen=True, slots=True)
class _Fate:
    """What became of the mail to one address."""

    address: str
    action: str
    status: str
    words: str

    @property
    def is_failure(self) -> bool:
        return self.action not in ("delivered", "relayed", "expanded")


def read_bounce(message: Message, head: Head) -> Bounce:
    text = _own_words(message)
    fates = [fate for fate in _fates(message) if fate.is_failure]
    named = [fate.address for fate in fates if fate.address]
    recipients = named or _named(text, head)
    status = next((fate.status for fate in fates if fate.status), "") or _status_in(text)
    is_hard = any(fate.action != "delayed" and _is_hard(fate.status, fate.words) for fate in fates)
    # Some say it in their sentences only.
    if not any(fate.words or fate.action == "delayed" for fate in fates):
        is_hard = is_hard or _hard_in(text)
    return Bounce(
        recipients=tuple(dict.fromkeys(one.lower() for one in recipients)),
        status=status,
        is_hard=is_hard,
        original_id=_original_id(message),
    )


def _is_hard(status: str, words: str) -> bool:
    """Of one failure. What it says counts before its number: many servers know 5.0.0 only."""
    if status.startswith(("4", "2")):
        return False
    # The addresses themselves say nothing: there is a spam@ and a quota@ somewhere.
    said = _SAYS_NOTHING.sub(" ", words)
    found = _STATUS.fullmatch(status) if status else None
    is_by_number = bool(found and (found[2], found[3]) in _HARD_NUMBERS)
    if HARD.search(said):
        return is_by_number or not SOFT.search(said)
    return is_by_number and not SOFT.search(said)


def _hard_in(text: str) -> bool:
    """Of what an older server writes: one sentence about one address is enough."""
    blocks = (block for block in re.split(r"\n\s*\n|\n(?=\S*@\S*:|\s*<[^>\s]+@)|(?=\b5\d\d[ -])", text))
    return any(_is_hard(_status_in(block), block) for block in blocks)


def _fates(message: Message) -> Iterator[_Fate]:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in mails_in(part):
            fields = Head(block)
            address = _address_in(fields.text("Original-Recipient")) or _address_in(fields.text("Final-Recipient"))
            if not address and not fields.has("Action"):
                continue
            yield _Fate(
                address,
                fields.text("Action").strip().lower().split(" ")[0],
                _status_in(fields.text("Status")) or _status_in(fields.text("Diagnostic-Code")),
                fields.text("Diagnostic-Code"),
            )


def _address_in(text: str) -> str:
    found = _ADDRESS.search(text.rpartition(";")[2] or text)
    return found[0] if found else ""


def _status_in(text: str) -> str:
    found = _STATUS.search(text)
    return found[0] if found else ""


def _own_words(message: Message) -> str:
    """What the server itself wrote, without the mail that it returns."""
    text = first_words(message, 20_000)
    below = RETURNED_BELOW.search(text)
    return text[: below.start()] if below and below.start() > 0 else text


def _named(text: str, head: Head) -> list[str]:
    """Addresses that older servers name: in a header of their own, else in their sentences, but not their own ones."""
    if failed := head.text("X-Failed-Recipients"):
        return _ADDRESS.findall(failed)
    ours = {address for _name, address in head.addresses("From", "Sender", "Return-Path", "To", "Delivered-To", "Cc")}
    found = [one for one in _ADDRESS.findall(text) if one.lower() not in ours]
    return [one for one in found if not POSTMASTERS.match(one)]


def _original_id(message: Message) -> str:
    for part in message.walk():
        if part is message:
            continue
        if part.get_content_type() in ("message/rfc822", "message/global") and (mails := mails_in(part)):
            return next(iter(Head(mails[0]).numbers("Message-ID")), "")
        is_head = part.get_content_type() in ("text/rfc822-headers", "message/rfc822-headers", "message/rfc822")
        if is_head and (found := _NUMBER.search(content_of(part).decode("utf-8", "replace"))):
            return found[1]
    whole = message.get_payload()
    found = _NUMBER.search(whole) if isinstance(whole, str) else None
    return found[1] if found else ""
