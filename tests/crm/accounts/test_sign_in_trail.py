"""Sign-ins, and refused ones, stand in the trail of the person's tenants; the answer does not wait for it."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.access.roles import Role
from crm.audit.choices import Action
from crm.audit.models import AuditEntry
from crm.tenancy.context import tenant_atomic
from tests.crm.accounts.cast import LOGIN, log_in
from tests.factories import make_member, make_tenant


@pytest.fixture
def member(committed_db):
    return make_member(make_tenant(), "ann@acme.example", Role.SALES)


def trail(member, action: Action) -> int:
    with tenant_atomic(member.tenant):
        return AuditEntry.objects.filter(action=action).count()


def test_signing_in_and_failing_to_are_in_the_trail(member):
    log_in(Client(), "ann@acme.example", "guess")
    log_in(Client(), "Ann@acme.example", "guess")
    log_in(Client(), "ann@acme.example")

    assert trail(member, Action.LOGIN_REFUSED) == 2
    assert trail(member, Action.LOGIN) == 1


def test_attempts_that_must_wait_do_not_fill_the_trail(member):
    for _ in range(12):
        log_in(Client(), "ann@acme.example", "guess")

    assert trail(member, Action.LOGIN_REFUSED) == 5


def test_until_the_answer_has_left_a_known_address_costs_as_much_as_an_unknown_one(member):
    """Otherwise the time would tell which addresses have accounts."""
    statements = {}
    for email in ("ann@acme.example", "nobody@acme.example"):
        Client().get(LOGIN)
        with CaptureQueriesContext(connection) as before_it_left:
            answer = answer_to(urlencode({"login": email, "password": "guess"}).encode())
            assert b"".join(answer)
        statements[email] = [query["sql"].split("WHERE")[0].split("VALUES")[0] for query in before_it_left]
        answer.close()

    known, unknown = statements.values()
    assert known == unknown
    assert trail(member, Action.LOGIN_REFUSED) == 1


def answer_to(body: bytes):
    """As a web server does it: the answer is sent first and closed later."""
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": LOGIN,
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_ACCEPT_LANGUAGE": "en",
        "HTTP_HOST": "testserver",
        "wsgi.input": BytesIO(body),
        "wsgi.url_scheme": "http",
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }
    handler = WSGIHandler()
    handler._middleware_chain = without_csrf(handler._middleware_chain)
    return handler(environ, lambda status, headers: None)


def without_csrf(chain):
    def run(request):
        request._dont_enforce_csrf_checks = True
        return chain(request)

    return run
