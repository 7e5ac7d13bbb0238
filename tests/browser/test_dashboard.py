"""The dashboard as it is seen: charts are drawn under the strict policy, follow the theme, and have a table instead."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person
from tests.browser.test_accessibility import serious_findings

pytestmark = pytest.mark.browser
MANAGER = "sales-manager@{}.example"


@pytest.mark.parametrize("slug, heading", [("acme", "Open deals by stage"), ("huaxing", "各阶段进行中的商机")])
def test_six_charts_are_drawn_without_a_complaint(somebody, slug, heading):
    somebody.sign_in(f"admin@{slug}.example")

    page = somebody.open(f"/t/{slug}/analytics/dashboards/")

    expect(page.locator("[data-drawing] svg")).to_have_count(6)
    expect(page.get_by_role("heading", name=heading)).to_be_visible()
    # A bar for each month that had revenue, in the colour of the theme.
    bars = page.locator("[data-drawing]").first.locator("g.mark-rect.role-mark path")
    assert bars.count() == 12
    light = bars.last.evaluate("bar => getComputedStyle(bar).fill")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    assert bars.last.evaluate("bar => getComputedStyle(bar).fill") not in (light, "none", "rgb(0, 0, 0)")


def test_a_bar_tells_its_month_and_amount(somebody):
    somebody.sign_in(MANAGER.format("acme"))
    page = somebody.open("/t/acme/analytics/dashboards/?months=3")
    drawing = page.locator("[data-drawing]").first
    expect(drawing.locator("svg")).to_be_visible()

    drawing.locator("g.mark-rect.role-mark path").first.hover()

    tip = page.locator("#vg-tooltip-element")
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("Revenue: $")


def test_charts_keep_to_their_cards_on_a_telephone(somebody):
    somebody.sign_in(MANAGER.format("acme"))
    page = somebody.open("/t/acme/analytics/dashboards/")
    expect(page.locator("[data-drawing] svg")).to_have_count(6)

    page.set_viewport_size({"width": 360, "height": 800})

    fits = "one => one.querySelector('svg').clientWidth <= one.clientWidth"
    page.wait_for_function(f"[...document.querySelectorAll('[data-drawing]')].every({fits})")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_charts_and_their_open_tables_have_no_serious_finding(somebody, theme):
    somebody.page.emulate_media(color_scheme=theme)
    somebody.sign_in("admin@acme.example")
    page = somebody.open("/t/acme/analytics/dashboards/?months=6")
    expect(page.locator("[data-drawing] svg")).to_have_count(6)

    page.evaluate("document.querySelectorAll('main details').forEach(one => (one.open = true))")

    assert serious_findings(somebody) == []


def test_without_scripts_the_tables_say_the_same(site, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    person = Person(context, site)
    person.sign_in(MANAGER.format("acme"))

    page = person.open("/t/acme/analytics/dashboards/")
    page.locator("summary").filter(has_text="As a table").first.click()

    expect(page.get_by_role("table", name="Revenue by month")).to_be_visible()
    expect(page.locator("[data-drawing]").first).to_be_hidden()
    context.close()
    assert person.complaints == []
