"""What a page of ours may load and do. The only place where the policy is written.

No inline script or style, no eval, nothing from another host. Components that need more must be changed instead.
"""

from __future__ import annotations

from functools import lru_cache
from http import HTTPStatus

from csp.constants import HEADER, NONE, SELF
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # data: for the QR code of an authenticator app and the small pictures inside the style sheets.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        # A mail is shown in a frame, under the policy below. Nothing else of ours lets itself be framed.
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}

# The one document with a policy of its own: a mail, whose look is inline styles, for no mail program knows others. In a
# sandbox it has no origin, runs no script, sends no form and asks nobody for anything; its links open beside the page.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)


class ContentPolicyMiddleware(CSPMiddleware):
    """django-csp's, with the text made once: it costs a fifth of all middleware to make it anew for each answer.

    No page has a policy of its own, and none a nonce, so its decorators and `request.csp_nonce` are not offered.
    """

    def process_request(self, request: HttpRequest) -> None:
        """No nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        # Django's own pages about a mistake, seen by developers only, carry their styles inside.
        if not (settings.DEBUG and response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.INTERNAL_SERVER_ERROR)):
            response.headers.setdefault(HEADER, _policy_text())
        return response


@lru_cache(maxsize=1)
def _policy_text() -> str:
    return build_policy()
