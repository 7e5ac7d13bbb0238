"""Secrets that we must be able to read again, such as the password of a mailbox: encrypted where they are kept.

The key is drawn from SECRET_KEY. Former keys (SECRET_KEY_FALLBACKS) still open what they closed, until
`manage.py rotate_secrets` has closed it anew.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db.models import Model

_sealed: list[tuple[type[Model], str]] = []


class CannotUnseal(Exception):
    """It was closed with a key that is no longer among ours."""


def seal(text: str, *, purpose: str) -> str:
    """`purpose` keeps what was sealed for one thing from being opened as another."""
    return _cipher(purpose).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str:
    """Raises CannotUnseal."""
    try:
        return _cipher(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise CannotUnseal from error


def register_sealed(model: type[Model], field: str) -> None:
    """Have `rotate_secrets` seal this field of every tenant anew. The purpose is the model's and the field's name."""
    if (model, field) not in _sealed:
        _sealed.append((model, field))


def sealed_fields() -> list[tuple[type[Model], str]]:
    return list(_sealed)


def purpose_of(model: type[Model], field: str) -> str:
    return f"{model._meta.label_lower}.{field}"


def _cipher(purpose: str) -> MultiFernet:
    # The newest key first.
    return MultiFernet([Fernet(_derive(key, purpose)) for key in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _derive(secret: str, purpose: str) -> bytes:
    digest = hashlib.blake2b(f"{purpose}\0{secret}".encode(), digest_size=32, person=b"crm.sealing")
    return base64.urlsafe_b64encode(digest.digest())
