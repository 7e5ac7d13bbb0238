"""Headers that Django does not send by itself, and addresses that it would take."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

# What no page of ours uses, no script that slips into one shall use. Passkeys are ours: publickey-* stay with us.
_FORBIDDEN = (
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "display-capture",
    "encrypted-media",
    "geolocation",
    "gyroscope",
    "hid",
    "idle-detection",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(
    [
        *(f"{feature}=()" for feature in _FORBIDDEN),
        "fullscreen=(self)",
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)


class SecurityHeadersMiddleware:
    """Stands outside of everything but Django's SecurityMiddleware, so that static files and errors get them too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        # A page that depends on the cookie is personal: the back button after signing out must not show it.
        if "Cache-Control" not in headers and has_vary_header(response, "Cookie"):
            headers["Cache-Control"] = "no-store, private"
        return response


class PlainAddressMiddleware:
    """Refuse an address with a NUL in it: nobody types one, and the database takes it for no text.

    Stands where language and tenant are known, so that the refusal is a page like any other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest
        return self.get_response(request)
