"""The analyst's way through the customer analysis, in both languages: a segment, a customer of it, computing anew."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("slug", ["acme", "huaxing"])
def test_analyst_looks_at_a_segment_and_computes_anew(somebody: Person, slug: str):
    page, home = somebody.page, f"/t/{slug}/"
    somebody.sign_in(f"analyst@{slug}.example")

    somebody.open(f"{home}analytics/customers/")
    tab = page.locator(".gx-tab[href='?segment=champions']")
    count = int(tab.inner_text().split()[-1])
    tab.click()
    expect(page.locator(".gx-list-table tbody tr")).to_have_count(min(count, 50))
    expect(page.locator(".gx-tab[aria-current=page]")).to_have_attribute("href", "?segment=champions")

    name = page.locator("td.gx-name a").first
    bought = page.locator("td.gx-name + td + td + td").first.inner_text()
    called = name.inner_text()
    name.click()
    expect(page.locator("h1")).to_contain_text(called)
    card = page.locator(".gx-card", has=page.locator("a[href$='analytics/customers/?segment=champions']"))
    expect(card).to_contain_text(bought)

    somebody.open(f"{home}analytics/customers/")
    page.locator("form[action$='/compute/'] button").click()
    page.wait_for_url("**/jobs/**")
    expect(page.locator("#job-progress .gx-alert-success")).to_be_visible(timeout=30_000)
