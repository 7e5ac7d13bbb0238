"""What one page says on the next: “… was saved”. It names a tenant's records, so it is said in that tenant only.

Django keeps it in one cookie for all of a site. A person with two tenants in two tabs would read in one of them what
happened in the other, whichever page came first.
"""

from __future__ import annotations

from typing import Any

from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest


def _name(name: str, request: HttpRequest) -> str:
    tenant = getattr(request, "tenant", None)
    return name if tenant is None else f"{name}-{tenant.pk}"


class CookieOfTenant(CookieStorage):
    request: HttpRequest

    @property
    def cookie_name(self) -> str:  # type: ignore[override]  # Django has a constant here
        return _name(CookieStorage.cookie_name, self.request)


class SessionOfTenant(SessionStorage):
    """For what is too long for a cookie."""

    request: HttpRequest

    @property
    def session_key(self) -> str:  # type: ignore[override]  # Django has a constant here
        return _name(SessionStorage.session_key, self.request)


class TenantMessages(FallbackStorage):
    storage_classes: Any = (CookieOfTenant, SessionOfTenant)
