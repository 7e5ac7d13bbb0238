"""Coming in, in a real browser: by invitation, with a passkey, by the admins, and by a reset without scripts.

Whoever sits at the browser complains of every message on the console, so a page that the content policy stops fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PASSWORD, Person, Site
from tests.crm.jobs.harness import wait_for

pytestmark = pytest.mark.browser
NEW_PASSWORD = "river stone seven lamps"


@pytest.fixture
def by_name(site: Site) -> Site:
    """The same server by a name: browsers know no passkeys for a bare number."""
    return replace(site, url=site.url.replace("127.0.0.1", "localhost"))


@pytest.fixture
def newcomer(by_name: Site, chromium: Browser) -> Iterator[Person]:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en")
    person = Person(context, by_name)
    yield person
    context.close()
    assert person.complaints == []


def link_from_mailbox(page: Page, site: Site, email: str) -> str:
    """The link in the newest mail to this address, as the mailbox of the demo shows it; its path."""
    wait_for(lambda: page.goto(site.address("/mailbox/")) and page.locator("a", has_text=email).count(), seconds=30)
    page.locator("a", has_text=email).first.click()
    address = page.locator("main a[rel=nofollow]").first.get_attribute("href")
    return re.sub(r"^https?://[^/]+", "", address)


def invite(somebody: Person, email: str) -> None:
    somebody.sign_in("admin@acme.example")
    page = somebody.open("/t/acme/settings/members/new/")
    page.fill("[name=email]", email)
    page.check("[name=roles][value=sales]")
    page.check("main [name=language][value=en]")
    page.locator("button[form=rights]").click()
    expect(page.locator("#messages")).to_contain_text(email)


def accept(newcomer: Person, link: str) -> Page:
    page = newcomer.open(link)
    page.fill("[name=name]", "Ann Lee")
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/t/acme/")
    return page


def sign_out(page: Page) -> None:
    page.goto(re.sub(r"(https?://[^/]+).*", r"\1/accounts/logout/", page.url))
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/accounts/login/")


def test_an_invited_person_opens_an_account_and_adds_a_passkey_that_signs_in(somebody, newcomer, by_name):
    invite(somebody, "ann@acme.example")
    page = accept(newcomer, link_from_mailbox(newcomer.page, by_name, "ann@acme.example"))
    devtools = newcomer.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    automatic = {"isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": key | automatic})

    newcomer.open("/accounts/security/webauthn/add/")
    page.fill("[name=password]", NEW_PASSWORD)  # it asks again who is there
    page.locator("main button[type=submit]").click()
    page.locator("#mfa_webauthn_add").click()
    expect(page.locator("main li.col")).to_have_count(10)  # recovery codes

    sign_out(page)
    page.locator("#passkey_login").click()
    page.wait_for_url("**/t/acme/")


def test_a_passkey_that_is_refused_says_so(newcomer):
    page = newcomer.open("/accounts/login/")
    devtools = newcomer.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": False}})

    page.locator("#passkey_login").click()

    expect(page.locator("#passkey-error")).to_be_visible(timeout=15_000)
    expect(page.locator("#passkey-error")).not_to_be_empty()


def test_the_qr_code_of_an_app_is_shown(somebody):
    somebody.sign_in("analyst@acme.example")
    page = somebody.open("/accounts/security/totp/activate/")
    page.fill("[name=password]", PASSWORD)
    page.locator("main button[type=submit]").click()

    picture = page.locator("main img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize(
    ("who", "path"), [("operator@guanxi.example", "/admin/"), ("admin@acme.example", "/t/acme/admin/")]
)
def test_the_admins_work_under_the_policy(somebody, who, path):
    page = somebody.open(path)
    page.fill("[name=login]", who)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{path}")

    for address in page.locator("#content-main th a").evaluate_all("links => links.map(link => link.pathname)"):
        page.goto(somebody.site.address(address))
        expect(page.locator("#changelist")).to_be_visible()
        first = page.locator("#result_list tbody th a")
        if first.count():
            first.first.click()
            expect(page.locator("#content-main")).to_be_visible()


def test_a_forgotten_password_is_replaced_without_scripts(site, chromium):
    context = chromium.new_context(locale="zh-CN", java_script_enabled=False)
    plain = Person(context, site)
    page = plain.open("/accounts/password/reset/")
    page.fill("[name=email]", "reader@huaxing.example")
    page.locator("main button[type=submit]").click()

    plain.open(link_from_mailbox(page, site, "reader@huaxing.example"))
    page.fill("[name=password1]", NEW_PASSWORD)
    page.fill("[name=password2]", NEW_PASSWORD)
    page.locator("main button[type=submit]").click()
    plain.open("/accounts/login/")
    page.fill("[name=login]", "reader@huaxing.example")
    page.fill("[name=password]", NEW_PASSWORD)
    page.locator("form[action='/accounts/login/'] button").click()

    page.wait_for_url("**/t/huaxing/")
    context.close()
    assert plain.complaints == []
