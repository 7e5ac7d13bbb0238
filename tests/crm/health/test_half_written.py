"""A connection that dies in the middle of a request leaves nothing behind, and the next request works."""

import html
import re

import psycopg
import pytest
from django.db import close_old_connections, connection
from django.test import Client

from crm.accounts.models import User
from crm.tenancy.context import tenant_atomic
from customers.models import Customer
from tests.conftest import sign_in
from tests.factories import make_customer, make_member, make_tenant

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@pytest.fixture
def member(committed_db):
    member = sign_in(make_member(make_tenant(), "admin@acme.example", "admin"))
    member.client.raise_request_exception = False
    return member


def end_own_backend(admin_url: str) -> None:
    connection.ensure_connection()
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])


@pytest.fixture
def page_that_loses_its_connection(monkeypatch, servers):
    def get(self, request, *args, **kwargs):
        make_customer(self.tenant, name="Half")
        end_own_backend(servers)
        make_customer(self.tenant, name="Other half")

    monkeypatch.setattr("customers.views.CustomerList.get", get)


@pytest.mark.parametrize("debug", [True, False])
def test_nothing_is_half_written(member, page_that_loses_its_connection, settings, debug):
    settings.DEBUG = debug

    answer = member.get("customers/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "系统暂时无法使用" in answer.content.decode()
    close_old_connections()
    with tenant_atomic(member.membership.tenant):
        assert not Customer.objects.exists()
    assert member.get("contacts/").status_code == 200


@pytest.mark.parametrize("debug", [True, False])
def test_a_connection_lost_before_the_view_is_the_same_page(member, monkeypatch, servers, settings, debug):
    settings.DEBUG = debug

    def find(*args):
        end_own_backend(servers)
        return list(User.objects.all())

    monkeypatch.setattr("crm.tenancy.middleware._find_membership", find)

    answer = member.get("customers/")

    assert answer.status_code == 503
    assert "Not available just now" in answer.content.decode()


def test_a_form_that_could_not_be_saved_waits_to_be_sent_again(member, monkeypatch, servers):
    sent = {"name": 'Blue "River" & Söhne', "kind": "company", "stage": "prospect", "note": "Two\nlines", "tags": []}

    def lose(**kwargs):
        end_own_backend(servers)
        return kwargs["customer"].save()

    with monkeypatch.context() as patch:
        patch.setattr("customers.views.save_customer", lose)
        answer = member.post("customers/new/", sent)
    close_old_connections()

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "http-equiv" not in page
    assert 'action="/t/acme/customers/new/"' in page
    waiting = {html.unescape(name): html.unescape(value) for name, value in HIDDEN.findall(page)}
    assert waiting == {name: value for name, value in sent.items() if value}
    assert member.post("customers/new/", waiting).status_code == 302
    with tenant_atomic(member.membership.tenant):
        assert Customer.objects.get().note == "Two\nlines"


def test_no_password_waits_in_a_page(db, monkeypatch):
    def lose(*args):
        raise psycopg.OperationalError

    monkeypatch.setattr("crm.accounts.middleware.LocaleMiddleware.__call__", lose)
    answer = Client(raise_request_exception=False).post(
        "/accounts/login/", {"login": "a@b.example", "password": "secret"}
    )

    assert answer.status_code == 503
    assert "secret" not in answer.content.decode()
    assert "http-equiv" in answer.content.decode()


def test_a_connection_that_died_while_idle_is_not_even_noticed(member, servers):
    assert member.get("customers/").status_code == 200
    end_own_backend(servers)
    # As the server does between two requests; the test client leaves it out.
    close_old_connections()

    assert member.get("customers/").status_code == 200


def test_a_statement_that_took_too_long_is_no_outage(member, monkeypatch):
    def get(self, request, *args, **kwargs):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 10")
            cursor.execute("SELECT pg_sleep(1)")

    monkeypatch.setattr("customers.views.CustomerList.get", get)

    assert member.get("customers/").status_code == 500
