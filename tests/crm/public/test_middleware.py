"""Who comes without login is in the tenant, and nobody in it."""

import pytest
from django.conf import settings as project
from django.core.cache import cache
from django.test import Client

from crm.public.addresses import link_path, link_url, public_path, public_url
from crm.public.tokens import make_token
from crm.tenancy.context import use_tenant
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pages_of_the_tests(monkeypatch):
    cache.clear()
    for module in ("middleware", "addresses"):
        monkeypatch.setattr(f"crm.public.{module}.PUBLIC_URLCONF", "tests.crm.public.public_pages")
        monkeypatch.setattr(f"crm.public.{module}.LINK_URLCONF", "tests.crm.public.public_links")


@pytest.fixture
def customers(tenant, other_tenant):
    with use_tenant(tenant):
        make_customer(tenant, name="Ours")
    with use_tenant(other_tenant):
        make_customer(other_tenant, name="Theirs")


def test_a_page_shows_its_own_tenant_only(client, customers):
    assert client.get("/p/acme/names/").content == b"Ours False None"
    assert client.get("/p/huaxing/names/").content == b"Theirs False None"


def test_who_is_signed_in_is_nobody_there(owner, customers):
    assert owner.client.get("/p/acme/names/").content == b"Ours False None"


def test_a_link_opens_the_tenant_it_was_made_for(client, tenant, other_tenant, customers):
    assert client.get(f"/e/{make_token(tenant, 'row', 77)}/").content == b"acme 77 1"
    assert client.get(f"/e/{make_token(other_tenant, 'row', 77)}/").content == b"huaxing 77 1"


def test_a_link_for_one_thing_opens_no_other(client, tenant):
    assert client.get(f"/e/{make_token(tenant, 'other', 77)}/").status_code == 404


@pytest.mark.parametrize("path", ["/e/made-up/", "/e/1-row-1.abc/", "/p/nobody/names/", "/p/acme/nowhere/"])
def test_what_is_not_there_says_so_to_visitors(client, tenant, path):
    response = client.get(path, headers={"accept-language": "en"})

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert "Guanxi" not in response.content.decode()


def test_a_tenant_that_is_switched_off_has_no_pages(client, tenant):
    token = make_token(tenant, "row", 77)
    tenant.is_active = False
    tenant.save()

    assert client.get("/p/acme/page/").status_code == 404
    assert client.get(f"/e/{token}/").status_code == 404


def test_a_tenants_inner_pages_are_not_below_it(client, tenant, owner):
    for path in ("/p/acme/customers/", "/p/acme/t/acme/", f"/e/{make_token(tenant, 'row', 1)}/t/acme/"):
        assert client.get(path).status_code == 404
        assert owner.client.get(path).status_code == 404


def test_the_address_may_be_typed_without_the_last_slash(client, tenant):
    assert client.get("/p/acme?a=b")["Location"] == "/p/acme/?a=b"
    assert client.get("/p/acme/page")["Location"] == "/p/acme/page/"


def test_addresses_lead_back(client, tenant):
    token = make_token(tenant, "row", 5)

    assert public_path(tenant, "page") == "/p/acme/page/"
    assert link_path(token, "machine") == f"/e/{token}/machine/"
    assert public_url(tenant, "page") == f"{project.PUBLIC_URL}/p/acme/page/"
    assert client.get(link_url(token, "row").removeprefix(project.PUBLIC_URL)).status_code == 200


# -- language


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("", "", "zh-hans"),
        ("", "fr-FR,fr", "zh-hans"),
        ("", "en-GB,en;q=0.8", "en"),
        ("", "fr;q=0.9, zh-CN;q=0.8", "zh-hans"),
        ("en", "zh-CN", "en"),
        ("xx", "en", "en"),
    ],
)
def test_a_visitor_reads_their_own_language_or_else_the_tenants(client, other_tenant, cookie, accepted, language):
    if cookie:
        client.cookies[project.LANGUAGE_COOKIE_NAME] = cookie

    response = client.get("/p/huaxing/page/", headers={"accept-language": accepted} if accepted else {})

    assert response["Content-Language"] == language
    assert f'<html lang="{language}"' in response.content.decode()
    assert {"accept-language", "cookie"} <= {name.strip().lower() for name in response["Vary"].split(",")}


# -- headers, forms


def test_pages_carry_the_headers_of_all_pages(client, tenant, owner):
    ours = owner.get("")
    for path in ("/p/acme/page/", "/p/acme/nowhere/", "/e/made-up/", f"/e/{make_token(tenant, 'row', 1)}/"):
        response = client.get(path)
        for name in ("Content-Security-Policy", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy"):
            assert response[name] == ours[name], (path, name)


def test_search_engines_leave_links_alone(client, tenant):
    assert client.get(f"/e/{make_token(tenant, 'row', 1)}/")["X-Robots-Tag"] == "noindex, nofollow"


def test_a_form_from_elsewhere_is_refused_in_the_visitors_words(tenant, customers):
    elsewhere = Client(enforce_csrf_checks=True)

    response = elsewhere.post("/p/acme/names/", {"name": "Planted"}, headers={"accept-language": "en"})

    assert response.status_code == 403
    assert "The form is too old" in response.content.decode()
    assert elsewhere.get("/p/acme/names/").content == b"Ours False None"


def test_a_machine_that_has_the_link_may_post(tenant):
    elsewhere = Client(enforce_csrf_checks=True)

    assert elsewhere.post(f"/e/{make_token(tenant, 'row', 1)}/machine/").content == b"done"
    assert elsewhere.post("/e/made-up/machine/").status_code == 404


# -- limits


def test_an_address_that_asks_too_often_has_to_wait(client, tenant, settings):
    settings.PUBLIC_REQUESTS_PER_MINUTE = 3

    statuses = [client.get("/p/acme/page/", headers={"accept-language": "en"}).status_code for _ in range(4)]
    refused = client.get("/p/acme/page/", headers={"accept-language": "en"})

    assert statuses == [200, 200, 200, 429]
    assert refused["Retry-After"] == "60"
    assert "Wait a minute" in refused.content.decode()
    assert client.get("/p/acme/page/", REMOTE_ADDR="192.0.2.7").status_code == 200


def test_forms_are_limited_more_tightly(client, tenant, settings):
    settings.PUBLIC_FORMS_PER_MINUTE = 2

    statuses = [client.post("/p/acme/names/", {"name": f"Visitor {n}"}).status_code for n in range(3)]

    assert statuses == [200, 200, 429]
    assert client.get("/p/acme/page/").status_code == 200


def test_links_are_not_guessed_without_end(client, tenant, settings):
    settings.PUBLIC_FORMS_PER_MINUTE = 2

    assert [client.get(f"/e/1-row-{n}.made-up/").status_code for n in range(3)] == [404, 404, 429]
    # Whoever has a real one is not in the way of those who guess from the same house.
    assert client.get(f"/e/{make_token(tenant, 'row', 1)}/").status_code == 200


def test_one_link_is_limited_and_not_the_house_it_is_opened_from(client, tenant, settings):
    settings.PUBLIC_LINK_PER_MINUTE = 2
    first, second = make_token(tenant, "row", 1), make_token(tenant, "row", 2)

    assert [client.get(f"/e/{first}/").status_code for _ in range(3)] == [200, 200, 429]
    assert client.get(f"/e/{second}/").status_code == 200


def test_a_page_asks_for_the_tenant_and_nothing_else(client, tenant, django_assert_num_queries):
    client.get("/p/acme/page/")

    # The tenant, then the view's transaction: its number and its person.
    with django_assert_num_queries(3):
        client.get("/p/acme/page/")
