"""Refusals in words: 400, 403, 404, 500, 503."""

from __future__ import annotations

import re

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.template import loader

from crm.errors import CrmError

_BELOW_A_TENANT = re.compile(r"/t/[a-z0-9-]+/")
_LONGEST_FORM = 200_000


def refused(request: HttpRequest, error: CrmError, status: int = 400) -> HttpResponse:
    """The page for an expected refusal that no form could show."""
    return render(request, "400.html", {"message": str(error)}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", {"message": ""}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old, or cookies are off."""
    template = "public/form_expired.html" if getattr(request, "is_public", False) else "403_csrf.html"
    return render(request, template, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    # Without the request, so without context processors: what failed may be the database or the session.
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def unavailable(request: HttpRequest | None = None) -> HttpResponse:
    """The page while PostgreSQL or Redis is gone. It asks the browser to come back by itself; but a form that was sent
    waits in it to be sent again, because coming back by itself would lose what was typed."""
    sent = _form_sent(request) if request is not None else []
    context = {"sent": sent, "address": request.get_full_path() if request is not None else ""}
    response = HttpResponse(loader.get_template("503.html").render(context), status=503)
    response["Retry-After"] = "5"
    return response


def _form_sent(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form of a tenant's page has sent, without files. Sign-in is not repeated: passwords stay out of pages."""
    if request.method != "POST" or not _BELOW_A_TENANT.search(request.path) or request.headers.get("HX-Request"):
        return []
    try:
        pairs = [(name, str(value)) for name, values in request.POST.lists() for value in values]
    except (OSError, RawPostDataException, SuspiciousOperation):
        return []
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= _LONGEST_FORM else []
