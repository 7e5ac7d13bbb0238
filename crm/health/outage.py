"""PostgreSQL or Redis is gone: a plain page says so, and the next request that finds them back works again.

Nothing is left half-written, because the request's transaction dies with its connection. Dead connections are given up
by Django itself: the one that failed at the end of its request, the others when their health is next asked.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import psycopg
import redis.exceptions
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from kombu.exceptions import OperationalError as BrokerError

from crm.observe.logs import get_logger
from crm.observe.metrics import OUTAGES
from crm.pages.views.errors import unavailable

log = get_logger(__name__)

# Of the errors that PostgreSQL answers, those that say that it cannot work now, whatever was asked: connection (08),
# resources (53), shutdown and start (57P), system (58), and a server that only reads because another took over (25006).
_GONE = ("08", "53", "57P", "58", "25006")


def is_outage(error: BaseException | None) -> str:
    """Which server is gone, "" when the error means something else (a statement that took too long, a deadlock)."""
    while error is not None:
        if isinstance(error, redis.exceptions.ConnectionError | redis.exceptions.TimeoutError | BrokerError):
            return "redis"
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            return "database" if error.sqlstate is None or error.sqlstate.startswith(_GONE) else ""
        if isinstance(error, OperationalError | InterfaceError) and error.__cause__ is None:
            return "database"
        error = error.__cause__
    return ""


class OutageMiddleware:
    """Outside of sessions and everything that asks the database, inside of what adds headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        # An error in a middleware has become a plain 500 by the time it comes here; the signal below saw it pass.
        if response.status_code == 500 and hasattr(request, "_missing_server"):
            return _refuse(request, request._missing_server)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        server = is_outage(exception)
        return _refuse(request, server) if server else None


def note_outage(sender: object, request: HttpRequest | None = None, **kwargs: object) -> None:
    server = is_outage(sys.exc_info()[1])
    if server and request is not None:
        request._missing_server = server  # type: ignore[attr-defined]  # read above, by the same request


def connect() -> None:
    got_request_exception.connect(note_outage, dispatch_uid="health-outage")


def _refuse(request: HttpRequest, server: str) -> HttpResponse:
    OUTAGES.labels(server).inc()
    log.warning("server gone", server=server)
    return unavailable(request)
