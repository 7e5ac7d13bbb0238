"""Signed out while writing: the page keeps what was typed, one signs in beside it, and sends it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, Person

pytestmark = pytest.mark.browser


WORDS = {
    "acme": ("You are signed out", "Sign in in a new tab", "The form is too old", "Send again"),
    "huaxing": ("您已退出登录", "在新标签页中登录", "表单已过期", "重新发送"),
}


@pytest.mark.parametrize("tenant", WORDS)
def test_form_of_somebody_signed_out_is_sent_after_signing_in_beside_it(somebody: Person, tenant):
    signed_out, sign_in, too_old, again = WORDS[tenant]
    email = f"sales@{tenant}.example"
    somebody.sign_in(email)
    page = somebody.open(f"/t/{tenant}/customers/new/")
    page.fill("[name=name]", "Typed long ago 有限公司")
    page.fill("[name=note]", "Two lines,\n“kept” & <whole>")
    # Also what the site remembers of the language goes.
    somebody.context.clear_cookies()
    somebody.context.set_extra_http_headers({"Accept-Language": "en" if tenant == "acme" else "zh-CN"})
    page.locator("main button.btn-primary").click()

    expect(page.locator("h1")).to_have_text(signed_out)
    with page.expect_popup() as opened:
        page.get_by_role("link", name=sign_in).click()
    beside = opened.value
    beside.fill("[name=login]", email)
    beside.fill("[name=password]", PASSWORD)
    beside.press("[name=password]", "Enter")
    beside.wait_for_url(f"**/t/{tenant}/customers/new/")

    page.get_by_role("button", name=again).click()
    expect(page.locator("h1")).to_have_text(too_old)
    page.get_by_role("button", name=again).click()

    expect(page.locator("h1")).to_have_text("Typed long ago 有限公司")
    expect(page.locator("main")).to_contain_text("“kept” & <whole>")
    # The browser says of its own that two answers were refusals.
    refusals = [line for line in somebody.complaints if "status of 401" in line or "status of 403" in line]
    assert somebody.complaints == refusals
    somebody.complaints.clear()
