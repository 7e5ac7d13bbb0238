"""The number under which logs, the audit trail and a person's report of a fault find each other."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"
# From outside only what cannot disturb a log, a header or an SQL literal.
_SANE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """ "" outside of requests and tasks."""
    return _current.get()


def set_request_id(given: str | None) -> str:
    """Take the number that a proxy gave, when it is sane, or a new one."""
    number = given if given and _SANE.fullmatch(given) else secrets.token_hex(16)
    _current.set(number)
    return number


def clear_request_id() -> None:
    _current.set("")
