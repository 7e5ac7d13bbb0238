"""A mail shown as the mail it is: in a document of its own, which can do nothing."""

from __future__ import annotations

from django.http import HttpResponse

from crm.security.csp import MAIL_POLICY


def mail_document(html: str) -> HttpResponse:
    """The answer for a frame in a page of ours. No script, no form, no request: pictures of other hosts stay blank.

    Only pages of this host may frame it. Whoever opens the address itself gets it in a sandbox too.
    """
    response = HttpResponse(_opening_beside(html))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _opening_beside(html: str) -> str:
    """Its links open in a window of their own: pages do not let themselves be shown in the frame."""
    base = '<base target="_blank">'
    return html.replace("<head>", f"<head>{base}", 1) if "<head>" in html else base + html
