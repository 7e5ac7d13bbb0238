"""A mail shown as the mail it is: in a document of its own, which can do nothing."""

from __future__ import annotations

from django.http import HttpResponse

from crm.security.csp import MAIL_POLICY


def mail_document(html: str) -> HttpResponse:
    """The answer for a frame in a page of ours. No script, no form, no request: pictures of other hosts stay blank.

    Only pages of this host may frame it. Whoever opens the address itself gets it in a sandbox too.
    """
    response = HttpResponse(html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store, private"
    return response
