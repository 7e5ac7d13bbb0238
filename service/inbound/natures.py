"""Who wrote a mail: a person, to whom we answer, or a machine, to which we do not, lest two machines talk for ever."""

from __future__ import annotations

from email.message import Message
from enum import StrEnum

from .charsets import text_of
from .heads import Head, charset_of, content_of, quietly
from .phrases import AWAY, POSTMASTERS, RETURNED, TOLD


class Nature(StrEnum):
    PERSON = "person"
    # On holiday, received, read: it may belong to a ticket, and opens none.
    MACHINE = "machine"
    BULK = "bulk"
    # A mail of ours, or what looks like one, did not arrive.
    BOUNCE = "bounce"
    COMPLAINT = "complaint"


_BULK = {"bulk", "junk", "list"}
_AUTO_HEADERS = (
    # Amazon tells by mail what became of other mails.
    "X-Amz-Sns-Message-Id",
    "X-Autoreply",
    "X-Autorespond",
    "X-Auto-Reply",
    "X-Autoresponder",
    "X-Mailer-Autoreply",
)


def nature_of(head: Head, message: Message) -> Nature:
    kinds = {part.get_content_type() for part in message.walk()}
    report = str(quietly(lambda: message.get_param("report-type"), otherwise=None) or "").lower()
    if "message/feedback-report" in kinds or report == "feedback-report" or _is_complaint(head):
        return Nature.COMPLAINT
    if report == "disposition-notification" or "message/disposition-notification" in kinds:
        return Nature.MACHINE
    if "message/delivery-status" in kinds or report == "delivery-status" or head.has("X-Failed-Recipients"):
        return Nature.BOUNCE
    if _is_returned(head, message):
        return Nature.BOUNCE
    if _is_automatic(head):
        return Nature.MACHINE
    precedence = head.text("Precedence").strip().lower()
    if precedence in _BULK:
        return Nature.BULK
    return Nature.MACHINE if precedence == "auto_reply" else Nature.PERSON


def _is_complaint(head: Head) -> bool:
    """Hotmail's own kind."""
    return head.has("X-HmXmrOriginalRecipient") or head.text("Subject").lower().startswith(
        "complaint about message from"
    )


def _is_returned(head: Head, message: Message) -> bool:
    is_postmaster = any(POSTMASTERS.match(address) for _name, address in head.addresses("From", "Sender")) or bool(
        POSTMASTERS.match(head.as_written("From").strip().split(" ")[0].strip('<>"'))
    )
    comes_from_nobody = head.as_written("Return-Path").strip() == "<>" or head.as_written("From").strip().endswith("<>")
    says_so = bool(RETURNED.search(head.text("Subject")))
    if is_postmaster or comes_from_nobody:
        return says_so or (not AWAY.match(head.text("Subject")) and tells_of_failure(message))
    return says_so and tells_of_failure(message)


def tells_of_failure(message: Message) -> bool:
    return bool(TOLD.search(first_words(message)))


def first_words(message: Message, most: int = 6_000) -> str:
    """The beginning of what is to be read first, roughly: enough to look for phrases in."""
    for part in message.walk():
        if part.is_multipart() or part.get_content_maintype() != "text":
            continue
        if (content := content_of(part)).strip():
            return text_of(content[:most], charset_of(part))
    inside = message.get_payload()
    return inside[:most] if isinstance(inside, str) else ""


def _is_automatic(head: Head) -> bool:
    submitted = head.text("Auto-Submitted").strip().lower()
    if submitted and not submitted.startswith("no"):
        return True
    if head.as_written("Return-Path").strip() == "<>" or any(head.has(name) for name in _AUTO_HEADERS):
        return True
    return bool(AWAY.match(head.text("Subject")))
