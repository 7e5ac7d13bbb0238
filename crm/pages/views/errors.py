"""Refusals in words: 400, 403, 404, 500, 503."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from crm.errors import CrmError


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


def unavailable() -> HttpResponse:
    """The page while PostgreSQL or Redis is gone. It asks the browser to come back by itself."""
    response = HttpResponse(loader.get_template("503.html").render(), status=503)
    response["Retry-After"] = "5"
    return response
