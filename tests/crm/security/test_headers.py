"""Every answer carries the headers that keep a browser from being used against its owner."""

import pytest
from django.test import Client

from crm.security.csp import CONTENT_SECURITY_POLICY
from tests.factories import make_user

pytestmark = pytest.mark.django_db

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-src": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
}


def answers(owner):
    visitor = Client(raise_request_exception=False)
    return {
        "page for visitors": visitor.get("/accounts/login/"),
        "page of a person": owner.client.get("/accounts/profile/"),
        "page of a tenant": owner.get("settings/members/"),
        "redirect": visitor.get("/"),
        "not found": visitor.get("/nothing/"),
        "refused form": Client(enforce_csrf_checks=True).post("/accounts/login/"),
        "wrong method": visitor.put("/tenants/"),
    }


def policy_of(response) -> dict[str, str]:
    directives = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _, sources in directives}


def test_every_answer_carries_the_whole_policy_and_nothing_weaker(owner):
    for what, response in answers(owner).items():
        assert policy_of(response) == POLICY, what


def test_the_policy_allows_nothing_unsafe_and_no_other_host():
    sources = {source for sources in CONTENT_SECURITY_POLICY["DIRECTIVES"].values() for source in sources}

    assert sources == {"'none'", "'self'", "data:"}
    assert "data:" not in CONTENT_SECURITY_POLICY["DIRECTIVES"]["script-src"]


def test_every_answer_carries_the_other_headers(owner):
    for what, response in answers(owner).items():
        sent = {name: response.headers.get(name) for name in EXPECTED}
        assert sent == EXPECTED, what
        assert "camera=()" in response["Permissions-Policy"]


EXPECTED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def test_static_files_carry_them_too(client, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.WHITENOISE_AUTOREFRESH = True
    settings.WHITENOISE_USE_FINDERS = False
    (tmp_path / "x.js").write_text("1")

    response = Client().get("/static/x.js")

    assert response.status_code == 200
    assert {name: response.headers.get(name) for name in EXPECTED if name != "X-Frame-Options"} == {
        name: value for name, value in EXPECTED.items() if name != "X-Frame-Options"
    }
    assert policy_of(response) == POLICY
    assert "no-store" not in response["Cache-Control"]


def test_personal_pages_are_not_kept_by_any_cache(owner):
    for path in ("/accounts/profile/", "/tenants/", "/t/acme/settings/members/"):
        assert "no-store" in owner.client.get(path)["Cache-Control"], path


def test_a_page_may_decide_on_its_own_cache(rf):
    from django.http import HttpResponse
    from django.utils.cache import patch_cache_control

    from crm.security.middleware import SecurityHeadersMiddleware

    def public(request):
        response = HttpResponse()
        patch_cache_control(response, public=True, max_age=60)
        return response

    plain = SecurityHeadersMiddleware(lambda request: HttpResponse())(rf.get("/"))
    decided = SecurityHeadersMiddleware(public)(rf.get("/"))

    assert "Cache-Control" not in plain
    assert decided["Cache-Control"] == "public, max-age=60"


def test_cookies_cannot_be_read_by_scripts_or_sent_from_elsewhere(client):
    make_user("ann@acme.example")
    client.get("/accounts/login/")
    client.post("/accounts/login/", {"login": "ann@acme.example", "password": "guanxi-test-2026"})
    client.post("/preferences/", {"language": "en"})

    assert {"session", "csrf", "device", "language"} <= set(client.cookies)
    for name in ("session", "csrf", "device", "language"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", ""), (
            name
        )
