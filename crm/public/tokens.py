"""What a link says of itself: whose tenant it opens, what it is for, and which row it means. Signed, not secret."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.core import signing
from django.utils.http import base36_to_int, int_to_base36

from crm.tenancy.models import Tenant

# Longer than any of ours: what is longer is not even looked at.
LONGEST = 200

_SALT = "crm.public.tokens"
_KIND = re.compile(r"[a-z]+")
_VALUE = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` says what it is for: a link that opens one thing must not open another of the same number."""

    tenant_id: int
    kind: str
    value: str

    @property
    def pk(self) -> int | None:
        """The value as a row's number, for tokens that were made of one."""
        try:
            return base36_to_int(self.value)
        except ValueError:
            return None


def make_token(tenant: Tenant | int, kind: str, value: int | str) -> str:
    """The signed text for an address. It does not expire: whoever got a mail may unsubscribe years later."""
    tenant_id = tenant if isinstance(tenant, int) else tenant.pk
    text = int_to_base36(value) if isinstance(value, int) else value
    if not (_KIND.fullmatch(kind) and _VALUE.fullmatch(text)):
        raise ValueError("A token's kind is small letters; its value is letters, digits, - and _.")
    return _signer().sign(f"{int_to_base36(tenant_id)}-{kind}-{text}")


def read_token(text: str) -> Token | None:
    """None for a text that we did not sign."""
    if len(text) > LONGEST:
        return None
    try:
        tenant, kind, value = _signer().unsign(text).split("-", 2)
        return Token(base36_to_int(tenant), kind, value)
    except (signing.BadSignature, ValueError):
        return None


def _signer() -> signing.Signer:
    # Made each time: SECRET_KEY may be rotated under tests, and it costs a microsecond.
    return signing.Signer(sep=".", salt=_SALT)
