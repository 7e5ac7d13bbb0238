"""Refusals in words: 400, 401, 403, 404, 405, 500, 503. Where a form was sent, what was typed waits in the page."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.shortcuts import render
from django.template import loader

from crm.errors import CrmError

_BELOW_A_TENANT = re.compile(r"/t/[a-z0-9-]+/")
_LONGEST_FORM = 200_000
# Bytes of a form with its files, from somebody whom nobody knows: larger ones are not even read.
_LARGEST_BODY = 5_000_000


def refused(request: HttpRequest, error: CrmError, status: int = 400) -> HttpResponse:
    """The page for an expected refusal that no form could show."""
    return render(request, "400.html", {"message": str(error)}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", {"message": ""}, status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def method_not_allowed(request: HttpRequest, refusal: HttpResponse) -> HttpResponse:
    """An address that only takes forms was visited; `refusal` names what it allows."""
    response = render(request, "405.html", status=405)
    response["Allow"] = refusal["Allow"]
    return response


def signed_out(request: HttpRequest, sign_in: str) -> HttpResponse | None:
    """The page for a form that came after its person was signed out; None when there is nothing to keep.

    `sign_in` is the address where one signs in.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > _LARGEST_BODY:
        return None
    context = _kept(request)
    return render(request, "accounts/signed_out.html", context | {"sign_in": sign_in}, status=401) if context else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old, or cookies are off."""
    if getattr(request, "is_public", False):
        return render(request, "public/form_expired.html", status=403)
    return render(request, "403_csrf.html", _kept(request), status=403)


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


def _kept(request: HttpRequest) -> dict[str, Any]:
    """What a page needs to send a form again, with a token of today; nothing when a page of ours has not sent it.

    Browsers say with each form from which site it comes. Where one does not, nothing is certain, and a stranger's form
    must not be one click away from being taken.
    """
    if request.headers.get("Origin") != f"{request.scheme}://{request.get_host()}":
        return {}
    sent = [(name, value) for name, value in _form_sent(request) if name != "csrfmiddlewaretoken"]
    return {"sent": sent, "address": request.get_full_path(), "has_files": bool(request.FILES)} if sent else {}


def _form_sent(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form of a tenant's page has sent, without files and passwords, which stay out of pages."""
    if request.method != "POST" or not _BELOW_A_TENANT.search(request.path) or request.headers.get("HX-Request"):
        return []
    try:
        pairs = [(name, str(value)) for name, values in request.POST.lists() for value in values]
        pairs = [pair for pair in pairs if "password" not in pair[0]]
    except (OSError, RawPostDataException, SuspiciousOperation):
        return []
    return pairs if sum(len(name) + len(value) for name, value in pairs) <= _LONGEST_FORM else []
