"""Around everything: the request's number, one line in the log, and the metrics."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.signals import got_request_exception
from django.db import connection
from django.http import HttpRequest, HttpResponse

from crm.tenancy.urls import TENANT_URLCONF

from .logs import get_logger
from .metrics import REQUESTS, STATEMENTS
from .request_id import HEADER, clear_request_id, set_request_id

log = get_logger(__name__)

# Asked every few seconds by machines: worth a number, not a line.
_UNLOGGED = frozenset({"healthz", "readyz", "metrics"})


class StatementCounter:
    """Counts what Django sends to the database, and the time until it answered."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.count += 1
        began = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += perf_counter() - began


class ObserveMiddleware:
    """The outermost, so that it sees every answer: redirects, refusals and faults too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = set_request_id(request.headers.get(HEADER))
        statements = StatementCounter()
        began = perf_counter()
        try:
            with connection.execute_wrapper(statements):
                response = self.get_response(request)
            response.headers[HEADER] = number
            _note(request, response, statements, perf_counter() - began)
        finally:
            clear_request_id()
        return response


def note_fault(sender: object, request: HttpRequest | None = None, **kwargs: object) -> None:
    """The one place that writes down why a request failed; Django's own line quotes the address."""
    log.error("request failed", route=route_of(request) if request is not None else "", exc_info=True)


def connect() -> None:
    got_request_exception.connect(note_fault, dispatch_uid="observe-fault")


def _note(request: HttpRequest, response: HttpResponse, statements: StatementCounter, seconds: float) -> None:
    route = route_of(request)
    REQUESTS.labels(route, _method(request), str(response.status_code)).observe(seconds)
    STATEMENTS.labels(route).observe(statements.count)
    if route in _UNLOGGED and response.status_code < 500:
        return
    membership = getattr(request, "membership", None)
    write = log.error if response.status_code >= 500 else log.info
    write(
        "request",
        route=route,
        method=_method(request),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        statements=statements.count,
        db_ms=round(statements.seconds * 1000, 1),
        tenant=membership.tenant_id if membership else None,
        user=_person(request, membership),
    )


def route_of(request: HttpRequest) -> str:
    """The name of the page, such as "customers:customer_detail"; never the address, which may hold anything."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path_info.startswith(settings.STATIC_URL) else "unmatched"
    return match.view_name or ("unnamed-tenant" if request.__dict__.get("urlconf") == TENANT_URLCONF else "unnamed")


def _method(request: HttpRequest) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return request.method if request.method in known else "other"


def _person(request: HttpRequest, membership: Any) -> int | None:
    """Only who was asked for anyway: a log line causes no query."""
    if membership is not None:
        return membership.user_id
    person = getattr(request, "_cached_user", None)
    return person.pk if person is not None else None
