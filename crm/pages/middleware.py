"""Refusals that no view can say, because they come before any view or from underneath it."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

from .views.errors import method_not_allowed, signed_out

Next = Callable[[HttpRequest], HttpResponse]


class SignedOutMiddleware:
    """A form that comes after its person was signed out keeps what was typed, where the sign-in would drop it.

    Stands around the tenant's mount, which is what sends people to the sign-in.
    """

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        sign_in = f"{resolve_url(settings.LOGIN_URL)}?"
        if request.method == "POST" and response.status_code == 302 and response["Location"].startswith(sign_in):
            return signed_out(request, response["Location"]) or response
        return response


class MethodMiddleware:
    """A visit to an address that only takes forms is answered in words; browsers show nothing of their own."""

    def __init__(self, get_response: Next):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 405 and not response.content:
            return method_not_allowed(request, response)
        return response
