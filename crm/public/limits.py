"""How often one address may ask. Counted in the cache by the minute; without Redis each process counts for itself."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from crm.accounts.throttle import network_of

_MINUTE = 60


def allows(what: str, who: str, most: int) -> bool:
    """Count one more of `what` by `who` in this minute; False once there were more than `most`."""
    key = f"public:{what}:{who}:{int(time.time() // _MINUTE)}"
    cache.add(key, 0, timeout=2 * _MINUTE)
    try:
        return cache.incr(key) <= most
    except ValueError:
        # The key went between the two calls: a minute that nobody counts is no harm.
        return True


def network(request: HttpRequest) -> str:
    return network_of(get_adapter(request).get_client_ip(request))


def allows_page(request: HttpRequest) -> bool:
    return allows("page", network(request), settings.PUBLIC_REQUESTS_PER_MINUTE)


def allows_form(request: HttpRequest) -> bool:
    return allows("form", network(request), settings.PUBLIC_FORMS_PER_MINUTE)


def allows_link(token: str) -> bool:
    """By the link and not by the address: a mail gateway opens the links of a whole company from one address."""
    return allows("link", token[-43:], settings.PUBLIC_LINK_PER_MINUTE)


def allows_guess(request: HttpRequest) -> bool:
    """A link that we did not sign."""
    return allows("guess", network(request), settings.PUBLIC_FORMS_PER_MINUTE)
