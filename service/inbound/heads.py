"""The headers of a mail, broken or not."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.message import Message
from email.utils import getaddresses
from typing import TypeVar

from ..addresses import is_address
from .charsets import header_text

T = TypeVar("T")

LONGEST_SUBJECT = 200
_MOST_REFERENCES = 50
_NUMBER = re.compile(r"<[^<>\s]{1,253}>")
_ADDRESS = re.compile(r"[^\s<>\"'(),:;@]+@[^\s<>\"'(),:;@]+\.[^\s<>\"'(),:;@]+")
_REPLY = re.compile(r"^\s*(?:(?:re|aw|sv|antw|答复|回复|回覆|答覆)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE)
# As we write it ourselves into the subject of a reply.
_OUR_NUMBER = re.compile(r"\s*\[#\d+\]\s*$")


def quietly(read: Callable[[], T], *, otherwise: T) -> T:
    """What the library gives, or `otherwise` where it stumbles over a broken mail."""
    try:
        return read()
    except (ValueError, TypeError, LookupError, AttributeError, AssertionError):
        return otherwise


def content_of(part: Message) -> bytes:
    """The bytes of a part, unpacked; b"" when there are none or they cannot be unpacked."""
    content = quietly(lambda: part.get_payload(decode=True), otherwise=None)
    return content if isinstance(content, bytes) else b""


def charset_of(part: Message) -> str:
    return quietly(part.get_content_charset, otherwise=None) or ""


def mails_in(part: Message) -> list[Message]:
    """Of a part that holds others, those: a mail that is attached, the parts of a mail, the blocks of a report."""
    inside = part.get_payload()
    return [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []


class Head:
    """The headers of a mail."""

    def __init__(self, message: Message):
        self._values: dict[str, list[str]] = {}
        for name, value in message.raw_items():
            self._values.setdefault(str(name).lower(), []).append(str(value))

    def as_written(self, name: str) -> str:
        return next(iter(self._values.get(name.lower(), [])), "")

    def has(self, name: str) -> bool:
        return name.lower() in self._values

    def text(self, name: str) -> str:
        return header_text(self.as_written(name))

    def numbers(self, name: str) -> list[str]:
        return [found for value in self._values.get(name.lower(), []) for found in _NUMBER.findall(value)]

    def answers(self) -> list[str]:
        found = [*self.numbers("In-Reply-To"), *reversed(self.numbers("References"))]
        return list(dict.fromkeys(found))[:_MOST_REFERENCES]

    def addresses(self, *names: str) -> list[tuple[str, str]]:
        """(name, address in small letters) of these headers, in their order; what is no address is left out."""
        values = [value for name in names for value in self._values.get(name.lower(), [])]
        found = [pair for value in values for pair in _addresses_in(value)]
        return list(dict.fromkeys(found))

    def sender(self) -> tuple[str, str]:
        """Whom to answer, by name: what Reply-To says counts before From, as in every mail program."""
        writers = self.addresses("From", "Sender", "Return-Path")
        name = next((name for name, _address in writers if name), "")
        answers_to = self.addresses("Reply-To")
        if len(answers_to) == 1:
            return answers_to[0][0] or name, answers_to[0][1]
        return writers[0] if writers else ("", "")

    def subject(self) -> str:
        text = " ".join(_OUR_NUMBER.sub("", _REPLY.sub("", self.text("Subject"))).split())
        return text if len(text) <= LONGEST_SUBJECT else f"{text[: LONGEST_SUBJECT - 1]}…"


def _addresses_in(value: str) -> Iterator[tuple[str, str]]:
    value = value if value.isprintable() else header_text(value)
    pairs: list[tuple[str, str]] = quietly(lambda: getaddresses([value]), otherwise=[])
    known = [(header_text(name)[:200], one.strip().lower()) for name, one in pairs if _ADDRESS.fullmatch(one.strip())]
    # What is written like no address list may still name one.
    known = known or [("", found.lower()) for found in _ADDRESS.findall(value)[:1]]
    yield from ((name.strip(" \"'"), one) for name, one in known if is_address(one))
