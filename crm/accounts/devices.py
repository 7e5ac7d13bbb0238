"""The cookie by which a browser that signed in before is known again. It opens nothing; it only counts apart.

It names up to MAX_PEOPLE accounts, so that colleagues at one computer keep theirs, by keyed hashes: who finds the
cookie cannot read an address in it.
"""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string, salted_hmac

_SALT = "crm.accounts.devices"
MAX_PEOPLE = 8
MAX_AGE_SECONDS = 180 * 24 * 3600


def known_device(request: HttpRequest, email: str) -> str | None:
    """The name under which this browser is known to this account's owner."""
    return _read(request).get(_account(email))


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    devices = _read(request)
    account = _account(email)
    name = devices.pop(account, None) or get_random_string(22)
    newest = dict(list(devices.items())[1 - MAX_PEOPLE :]) if devices else {}
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({**newest, account: name}, salt=_SALT, compress=True),
        max_age=MAX_AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        return signing.loads(request.COOKIES.get(settings.DEVICE_COOKIE_NAME, ""), salt=_SALT, max_age=MAX_AGE_SECONDS)
    except signing.BadSignature:
        return {}


def _account(email: str) -> str:
    return salted_hmac(_SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:24]
