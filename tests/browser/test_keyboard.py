"""Everything by keyboard: the way into the content, rows, menus, dialogs, and the focus that comes back."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
WHO = "admin@acme.example"
FOCUSED = "document.activeElement"


def test_the_first_stop_leads_past_the_menu(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    page.keyboard.press("Tab")
    expect(page.locator(".gx-skip")).to_be_focused()
    expect(page.locator(".gx-skip")).to_be_in_viewport()

    page.keyboard.press("Enter")

    expect(page.locator("main")).to_be_focused()


def test_rows_are_walked_by_arrows_or_letters_and_ticked(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    names = page.locator("tbody td.gx-fixed a")
    names.first.focus()

    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    expect(names.nth(2)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("tbody input[name=ids]").nth(1)).to_be_checked()
    page.keyboard.press("Enter")

    page.wait_for_url("**/customers/*/")


def test_letters_do_nothing_while_somebody_types(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    search = page.locator(".gx-filter-search input[name=q]")
    search.focus()

    page.keyboard.type("jxk")

    expect(search).to_be_focused()
    expect(search).to_have_value("jxk")
    expect(page.locator("tbody input[name=ids]:checked")).to_have_count(0)


def test_a_menu_is_walked_by_arrows_and_gives_the_focus_back(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/")
    button = page.locator(".gx-new")
    button.focus()
    page.keyboard.press("Enter")

    page.keyboard.press("ArrowDown")
    expect(page.locator(".gx-menu[open] .gx-menu-item").first).to_be_focused()
    page.keyboard.press("Escape")

    expect(button).to_be_focused()
    expect(page.locator(".gx-menu[open]")).to_have_count(0)


def test_a_dialog_keeps_the_focus_and_gives_it_back(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    link = page.locator("tbody td.gx-fixed a").first
    link.focus()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-input")).to_be_focused()

    # All the way round: the browser's own bar is a stop too, but nothing of the page behind is.
    for _stop in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{FOCUSED} === document.body || Boolean({FOCUSED}.closest('#palette'))")
    page.locator("#palette-input").focus()
    page.keyboard.press("Escape")

    expect(link).to_be_focused()


def test_the_menu_of_a_telephone_holds_the_page_still_and_gives_the_focus_back(somebody: Person):
    somebody.page.set_viewport_size({"width": 360, "height": 740})
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/customers/")
    button = page.locator(".gx-menu-button")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sidebar a").first).to_be_focused()
    assert page.evaluate("document.querySelector('.gx-page').inert")

    page.keyboard.press("Escape")

    expect(button).to_be_focused()
    assert not page.evaluate("document.querySelector('.gx-page').inert")


def test_a_trouble_that_comes_again_and_again_is_said_once(somebody: Person):
    somebody.sign_in(WHO)
    page = somebody.open("/t/acme/jobs/")
    for _time in range(3):
        page.evaluate("document.dispatchEvent(new CustomEvent('htmx:sendError'))")
    expect(page.locator(".gx-toast")).to_have_count(1)

    # What answers again takes the words back.
    page.evaluate("document.dispatchEvent(new CustomEvent('htmx:afterOnLoad'))")

    expect(page.locator(".gx-toast")).to_have_count(0)
