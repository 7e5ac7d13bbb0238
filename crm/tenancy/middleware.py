"""Mount a tenant at /t/<slug>/: own URL map, own script prefix, and its scope for the whole request."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponsePermanentRedirect
from django.urls import get_script_prefix, set_script_prefix, set_urlconf
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from .compiled import CompiledQuery
from .context import use_tenant
from .models import Membership
from .urls import TENANT_URLCONF

_MOUNT = re.compile(r"^/t/(?P<slug>[a-z0-9-]{1,40})(?P<rest>/.*)?$")


class TenantMiddleware:
    """Set `request.tenant` and `request.membership`, or leave both None off a tenant's pages.

    The tenant is found in tables without row-level security; the transaction that opens around the view then tells
    the database. Who is not a member learns nothing: 404, as for a tenant that does not exist.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.tenant = request.membership = None
        match = _MOUNT.match(request.path_info)
        if match is None:
            return self.get_response(request)
        if match["rest"] is None:
            # As people type it; whether there is such a tenant is not said here.
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        return self._mounted(request, match["slug"], match["rest"])

    def _mounted(self, request, slug: str, rest: str):
        if not request.user.is_authenticated:
            return redirect_to_login(_page_asked_for(request))
        membership = _find_membership(slug, request.user.pk)
        if membership is None:
            raise Http404
        membership.user = request.user
        request.membership, request.tenant = membership, membership.tenant
        outer = get_script_prefix()
        request.path_info, request.urlconf = rest, TENANT_URLCONF
        set_script_prefix(f"{outer}t/{slug}/")
        # The handler does the same, but only when it comes to the view: a middleware further in may refuse before that,
        # and its page has links of the tenant too.
        set_urlconf(TENANT_URLCONF)
        try:
            with use_tenant(membership.tenant, request.user), timezone.override(_time_zone(request)):
                return self.get_response(request)
        finally:
            set_urlconf(None)
            set_script_prefix(outer)


def _page_asked_for(request) -> str:
    """Where to go on after the sign-in: what was visited, or the page from which a part or a form was sent."""
    if request.method in ("GET", "HEAD") and "HX-Request" not in request.headers:
        return request.get_full_path()
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(page, {request.get_host()}) and _MOUNT.match(urlsplit(page).path):
        return urlunsplit(("", "", *urlsplit(page)[2:4], ""))
    return "/".join([*request.path.split("/")[:3], ""])


def _find_membership(slug: str, user_id: int) -> Membership | None:
    return _membership.first(slug, user_id)


_membership = CompiledQuery(
    lambda slug, user_id: (
        Membership.objects.active().select_related("tenant", "team").filter(tenant__slug=slug, user_id=user_id)
    ),
    samples=("?slug", -1),
)


def _time_zone(request) -> str:
    return request.user.time_zone or request.tenant.time_zone
