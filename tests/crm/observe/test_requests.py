"""The number of a request, its line in the log, and its metrics."""

import json

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from crm.audit.models import AuditEntry
from crm.tenancy.context import use_tenant
from customers.models import Customer
from tests.factories import PASSWORD, make_contact, make_customer

pytestmark = pytest.mark.django_db

SECRETS = [
    "Zhangsan Feng",
    "张三丰",
    "13912345678",
    "zsf@wudang.example",
    "sales@acme.example",
    "太极",
    "Wudang Lane 9",
]


def request_lines(lines):
    return [line for line in lines() if line["event"] == "request"]


def test_a_request_is_one_line(lines, owner, tenant):
    owner.get("customers/")

    (line,) = request_lines(lines)
    assert {key: line[key] for key in ("level", "route", "method", "status", "tenant", "user")} == {
        "level": "info",
        "route": "customers:customer_list",
        "method": "GET",
        "status": 200,
        "tenant": tenant.pk,
        "user": owner.user.pk,
    }
    assert line["ms"] > line["db_ms"] > 0
    assert 0 < line["statements"] < 13
    assert len(line["request_id"]) == 32


def test_whoever_is_not_signed_in_has_no_number(lines):
    Client().get("/accounts/login/")

    (line,) = request_lines(lines)
    assert (line["route"], line["tenant"], line["user"]) == ("account_login", None, None)


@pytest.mark.parametrize("given", ["abcdef12-3456", "0123456789abcdef0123456789abcdef"])
def test_a_sane_number_is_kept_and_returned(given, lines):
    answer = Client().get("/accounts/login/", headers={"x-request-id": given})

    assert answer["X-Request-ID"] == given
    assert request_lines(lines)[0]["request_id"] == given


@pytest.mark.parametrize(
    "given", ["", "short", "x" * 65, "a b c d e f g h", "drop'; --aaaaa", "Ünïcödé-ünïcödé", '{"a":"b"}xx']
)
def test_any_other_number_is_replaced(given):
    answer = Client().get("/accounts/login/", headers={"x-request-id": given})

    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_the_trail_knows_the_number_of_the_request(owner, tenant):
    form = owner.get("customers/new/").context["form"]
    sent = {field.html_name: field.value() for field in form if field.value() is not None}

    answer = owner.post("customers/new/", sent | {"name": "Blue River Ltd"})

    assert answer.status_code == 302
    with use_tenant(tenant):
        entry = AuditEntry.objects.get(kind="customers.customer", action="insert")
        assert (entry.request_id, entry.actor) == (answer["X-Request-ID"], owner.user)


def test_no_line_says_anything_personal(lines, manager, tenant, monkeypatch):
    with use_tenant(tenant, manager.user):
        customer = make_customer(tenant, name="张三丰", phone="13912345678", email="zsf@wudang.example")
        make_contact(customer, name="Zhangsan Feng")
    client = Client(raise_request_exception=False)
    client.post("/accounts/login/", {"login": "sales@acme.example", "password": "wrong-太极"})
    client.post("/accounts/login/", {"login": manager.user.email, "password": PASSWORD})
    client.get("/accounts/password/reset/key/zsf@wudang.example/")
    manager.client.raise_request_exception = False
    for path in (
        "customers/?city=太极", "customers/?nonsense=张三丰", "search/?q=张三丰", "customers/张三丰/",
        f"customers/{customer.pk}/", "nowhere/zsf@wudang.example/",
    ):  # fmt: skip
        manager.get(path)
    manager.post(f"customers/{customer.pk}/edit/", {"name": "Zhangsan Feng", "address": "Wudang Lane 9", "version": 1})

    def fails(*args, **kwargs):
        Customer.objects.create(name="张三丰", name_sort="x", external_id="zsf@wudang.example")
        Customer.objects.create(name="张三丰", name_sort="x", external_id="zsf@wudang.example")

    monkeypatch.setattr("customers.views.CustomerList.get", fails)
    assert manager.get("customers/?q=13912345678").status_code == 500

    written = lines()
    assert len(request_lines(lines)) == 11
    text = json.dumps(written, ensure_ascii=False)
    assert [secret for secret in SECRETS if secret in text] == []
    assert manager.user.email not in text
    # What the operator needs is there all the same.
    (fault,) = [line for line in written if "errors" in line]
    kinds = [error["type"] for error in fault["errors"]]
    assert kinds == ["django.db.utils.IntegrityError", "psycopg.errors.UniqueViolation"]
    assert fault["errors"][1]["constraint_name"] == "customer_external_id"
    assert any("test_requests.py" in place for place in fault["errors"][0]["at"])


def numbers(text: str) -> dict[tuple[str, str], float]:
    """{(sample, route): value}, added up over the other labels."""
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = sample.name, sample.labels.get("route", "")
            found[key] = found.get(key, 0) + sample.value
    return found


def test_metrics_count_requests_and_statements_by_route(owner, tenant):
    before = numbers(Client().get("/metrics").content.decode())
    owner.get("customers/")
    owner.get("customers/nothing-like-this/")

    page = Client().get("/metrics")
    after = numbers(page.content.decode())

    assert page["Content-Type"].startswith("text/plain")
    grown = {key: value - before.get(key, 0) for key, value in after.items()}
    assert grown["crm_request_seconds_count", "customers:customer_list"] == 1
    assert grown["crm_request_seconds_count", "unmatched"] == 1
    assert 0 < grown["crm_request_statements_sum", "customers:customer_list"] < 13
    assert ("crm_queue_messages", "") in after
    # Free of tenants and people.
    assert "acme" not in page.content.decode()
    assert "nothing-like-this" not in page.content.decode()


@pytest.mark.parametrize(
    ("headers", "address", "status"),
    [
        ({}, "127.0.0.1", 200),
        ({}, "::1", 200),
        ({}, "192.0.2.7", 404),
        # A proxy on this machine speaks for somebody else.
        ({"x-forwarded-for": "192.0.2.7"}, "127.0.0.1", 404),
        ({"forwarded": "for=192.0.2.7"}, "127.0.0.1", 404),
        ({"authorization": "Bearer let-me-read"}, "192.0.2.7", 200),
        ({"authorization": "Bearer let-me-red"}, "192.0.2.7", 404),
        ({"authorization": "Bearer "}, "192.0.2.7", 404),
    ],
)
def test_who_may_read_the_metrics(settings, headers, address, status):
    settings.METRICS_TOKEN = "let-me-read"

    assert Client().get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_without_a_token_nobody_elsewhere_may_read_the_metrics(settings):
    settings.METRICS_TOKEN = ""

    answer = Client().get("/metrics", headers={"authorization": "Bearer "}, REMOTE_ADDR="192.0.2.7")

    assert answer.status_code == 404
