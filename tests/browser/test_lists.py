"""A list as it is used all day: filter, sort, page, tick, arrange; with scripts, and plainly without them."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
WHO = "admin@acme.example"
REACHING_BEYOND = """[...document.querySelectorAll("main *")]
  .filter((element) => element.getBoundingClientRect().right > innerWidth)
  .map((element) => element.outerHTML.slice(0, 200)).slice(0, 5)"""


@pytest.fixture
def plain(site, chromium):
    """Somebody whose browser runs no scripts."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    person = Person(context, site)
    yield person
    context.close()
    assert person.complaints == []


def test_filters_sort_and_pages_follow_in_the_address_without_loading_the_page_anew(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    page.evaluate("window.stillHere = true")

    page.locator(".gx-filter-menu summary").click()
    page.locator("#id_stage").select_option("active")
    page.locator("#filters .btn-primary").click()
    expect(page.locator(".gx-chip")).to_contain_text("Active customer")
    assert page.url.endswith("/customers/?stage=active")

    page.locator("th .gx-sort", has_text="Name").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Name")
    assert page.evaluate("window.stillHere")

    page.locator(".gx-chip").click()
    expect(page.locator(".gx-chip")).to_have_count(0)
    page.go_back()
    expect(page.locator(".gx-chip")).to_contain_text("Active customer")


def test_pages_forward_and_back(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    first = page.locator("tbody tr td.gx-fixed a").first.inner_text()

    count = page.locator("#count").inner_text()

    page.locator("a[rel=next]").click()
    page.wait_for_url(re.compile(r"after="))
    expect(page.locator("tbody tr td.gx-fixed a").first).not_to_have_text(first)
    expect(page.locator("#count")).to_have_text(count)
    page.locator("a[rel=prev]").click()
    page.wait_for_url(re.compile(r"before="))
    expect(page.locator("tbody tr td.gx-fixed a").first).to_have_text(first)


def test_ticking_rows_offers_what_can_be_done_with_them(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    bar = page.locator("#bulk")
    expect(bar).to_be_hidden()

    page.locator("tbody input[name=ids]").nth(0).click()
    page.locator("tbody input[name=ids]").nth(3).click(modifiers=["Shift"])
    expect(bar).to_contain_text("4")
    bar.locator("button", has_text="Change stage").click()
    expect(page.locator("h1")).to_have_text("Change stage")
    expect(page.locator(".gx-lead")).to_contain_text("4")
    page.select_option("#id_stage", "lapsed")
    page.locator("form .btn-primary").click()
    expect(page.locator(".gx-toast")).to_contain_text("4")


def test_a_click_anywhere_on_a_row_opens_it_but_not_on_its_box(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    page.locator("tbody tr").nth(2).locator("td").nth(2).click()

    page.wait_for_url(re.compile(r"/customers/\d+/$"))


def test_everything_is_reached_by_keyboard_from_the_palette(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("follow-ups")
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Follow-ups")
    page.keyboard.press("Enter")

    page.wait_for_url(re.compile(r"/activities/$"))
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_the_look_is_chosen_at_once_and_kept(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    page.locator(".gx-person-button").click()
    page.locator("[data-theme-choice=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_a_half_filled_form_is_not_left_by_accident(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/new/")
    page.fill("#id_name", "Half typed")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator(".gx-nav-link", has_text="Contacts").click()
    page.wait_for_timeout(300)

    assert asked == ["beforeunload"]
    expect(page.locator("#id_name")).to_have_value("Half typed")


def test_a_field_that_picks_a_record_searches_as_one_types(somebody):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/?sort=name")
    name = page.locator("tbody td.gx-fixed a").last.inner_text()
    page = somebody.open("/t/acme/contacts/new/")
    page.locator("#id_customer-ts-control").click()
    page.keyboard.type(name[:6])
    page.locator(".ts-dropdown .option", has_text=name).first.click()

    expect(page.locator("#id_customer-ts-control")).to_be_attached()
    expect(page.locator(".ts-control .item")).to_contain_text(name)


@pytest.mark.parametrize("width", [360, 768, 1280, 1920])
def test_no_page_is_wider_than_the_screen(somebody, width):
    somebody.sign_in(WHO)
    somebody.page.set_viewport_size({"width": width, "height": 800})
    too_wide = {}
    for path in ("", "customers/", "customers/?panel=filters", "customers/new/", "customers/1/", "contacts/", "jobs/"):
        page = somebody.open(f"/t/acme/{path}")
        if page.evaluate("document.documentElement.scrollWidth") > width:
            too_wide[path] = page.evaluate(REACHING_BEYOND)

    assert too_wide == {}


def test_without_scripts_lists_and_forms_work_plainly(plain):
    plain.sign_in(WHO)
    page = plain.open("/t/acme/customers/")
    page.locator(".gx-filter-menu summary").click()
    page.locator("#filters a").click()
    page.select_option("#id_stage", "active")
    page.locator("#filters .btn-primary").click()
    expect(page.locator(".gx-chip")).to_contain_text("Active customer")

    page.locator("tbody input[name=ids]").first.check()
    page.locator("#bulk button", has_text="Add tag").click()
    expect(page.locator("h1")).to_have_text("Add tag")

    page = plain.open("/t/acme/customers/new/")
    page.fill("#id_name", "Plain and simple Ltd")
    page.locator("form.gx-form .btn-primary").click()
    expect(page.locator("h1")).to_have_text("Plain and simple Ltd")

    page = plain.open("/t/acme/contacts/new/")
    page.fill("#id_name", "Ann Plain")
    page.fill("[name=customer-find]", "plain and simple")
    page.locator("form.gx-form .btn-primary").click()
    expect(page.locator("dd a", has_text="Plain and simple Ltd")).to_be_visible()

    page.locator(".gx-person-button").click()
    page.locator("[data-theme-choice=dark]").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
