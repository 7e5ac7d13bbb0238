"""Who is asking, and in which language and time zone they read. Costs one query, that of the session."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import auth
from django.contrib.auth import middleware
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject

from .models import User


class AuthenticationMiddleware(middleware.AuthenticationMiddleware):
    """Django's, with the person taken from the session's own query where nothing speaks against it."""

    def process_request(self, request):
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _user_of(request))


def _user_of(request):
    if not hasattr(request, "_cached_user"):
        # Whatever is unusual (a changed key or password, another backend) is judged by Django.
        request._cached_user = _loaded_user(request.session) or auth.get_user(request)
        request.session.touch()
    return request._cached_user


def _loaded_user(session) -> User | None:
    user_id = session.get(auth.SESSION_KEY)
    user = session.user
    if user is None or str(user.pk) != user_id or not user.is_active:
        return None
    if session.get(auth.BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    stamp = session.get(auth.HASH_SESSION_KEY, "")
    return user if constant_time_compare(stamp, user.get_session_auth_hash()) else None


class LocaleMiddleware:
    """The person's own language and time zone; for who is not signed in, the cookie's or the browser's language.

    Like Django's it leaves the language active, for a body that is streamed after the middleware returned.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            language, zone = user.language, user.time_zone
        else:
            language, zone = translation.get_language_from_request(request), ""
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()
        if zone:
            timezone.activate(zone)
        else:
            timezone.deactivate()

        response = self.get_response(request)

        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        if not user.is_authenticated:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response
