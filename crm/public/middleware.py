"""Mount the pages without login: `/p/<slug>/…` by the tenant's address, `/e/<token>/…` by a signed link."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import get_script_prefix, set_script_prefix, set_urlconf
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import get_supported_language_variant, parse_accept_lang_header

from crm.tenancy.context import use_tenant
from crm.tenancy.models import Tenant

from . import limits
from .addresses import LINK_URLCONF, PUBLIC_URLCONF
from .tokens import read_token
from .views import not_found, too_many

_PAGE = re.compile(r"^/p/(?P<key>[a-z0-9-]{1,40})(?P<rest>/.*)?$")
_LINK = re.compile(r"^/e/(?P<key>[^/]+)(?P<rest>/.*)?$")


class PublicMiddleware:
    """Enters the tenant without a person: row-level security shows its rows, no policy grants a thing.

    Whoever is signed in is nobody here: the same page for everybody, and nothing to learn from it about the visitor.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.is_public = False  # type: ignore[attr-defined]
        for mount, enter in ((_PAGE, self._page), (_LINK, self._link)):
            match = mount.match(request.path_info)
            if match is None:
                continue
            if match["rest"] is None:
                return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
            request.user = AnonymousUser()
            request.is_public = True  # type: ignore[attr-defined]
            return enter(request, match["key"], match["rest"])
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Forms are limited by address. What a link alone is proof for comes from the machines of mail providers."""
        is_form = request.is_public and request.method == "POST"  # type: ignore[attr-defined]
        if is_form and not getattr(view, "csrf_exempt", False) and not limits.allows_form(request):
            return too_many(request)
        return None

    def _page(self, request: HttpRequest, slug: str, rest: str) -> HttpResponse:
        if not limits.allows_page(request):
            return too_many(request)
        tenant = Tenant.objects.filter(slug=slug, is_active=True).first()
        return self._mounted(request, tenant, PUBLIC_URLCONF, f"p/{slug}/", rest)

    def _link(self, request: HttpRequest, text: str, rest: str) -> HttpResponse:
        token = read_token(text)
        if token is None:
            return not_found(request) if limits.allows_guess(request) else too_many(request)
        if not limits.allows_link(text):
            return too_many(request)
        request.token = token  # type: ignore[attr-defined]
        tenant = Tenant.objects.filter(pk=token.tenant_id, is_active=True).first()
        response = self._mounted(request, tenant, LINK_URLCONF, f"e/{text}/", rest)
        # A link is for one person: neither search engines nor the pages it leads to shall know it.
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def _mounted(
        self, request: HttpRequest, tenant: Tenant | None, urlconf: str, mount: str, rest: str
    ) -> HttpResponse:
        if tenant is None:
            return not_found(request)
        request.tenant = tenant  # type: ignore[attr-defined]
        outer = get_script_prefix()
        request.path_info, request.urlconf = rest, urlconf
        set_script_prefix(outer + mount)
        set_urlconf(urlconf)
        translation.activate(_language(request, tenant))
        request.LANGUAGE_CODE = translation.get_language()
        try:
            with use_tenant(tenant), timezone.override(tenant.time_zone):
                response = self.get_response(request)
        finally:
            set_urlconf(None)
            set_script_prefix(outer)
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response


def _language(request: HttpRequest, tenant: Tenant) -> str:
    """What the visitor chose, else what the browser asks for, else the tenant's."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    asked = [language for language, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    for language in (chosen, *asked):
        try:
            return get_supported_language_variant(language)
        except LookupError:
            continue
    return tenant.language
