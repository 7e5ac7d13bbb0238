"""The support agent's line by keyboard, with a colleague who answers in between; and plainly without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
AGENT, LEAD = "support@{}.example", "support-lead@{}.example"
REFUSED = "the server responded with a status of 422"


@pytest.fixture
def colleague(site, chromium):
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    person = Person(context, site)
    yield person
    context.close()
    assert person.complaints == []


def press(page, *keys):
    """Keys that lead to another page."""
    with page.expect_navigation():
        for key in keys:
            page.keyboard.press(key)


def forgive_refusals(person):
    """The console says of every refused form that the server refused it."""
    person.complaints[:] = [line for line in person.complaints if REFUSED not in line]


@pytest.mark.parametrize("slug", ["acme", "huaxing"])
def test_through_the_queue_by_keyboard(somebody, slug):
    somebody.sign_in(AGENT.format(slug))
    page = somebody.open(f"/t/{slug}/service/tickets/")
    page.locator("#list tbody a").first.click()
    expect(page.locator("#reply_text")).to_be_visible()
    first = page.url.split("?")[0]

    press(page, "j")
    assert page.url.split("?")[0] != first
    press(page, "k")
    assert page.url.split("?")[0] == first

    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_be_visible()
    page.keyboard.press("Escape")

    # Letters that are typed into a text are letters.
    page.keyboard.press("r")
    page.keyboard.type("jk? 在处理 on it")
    expect(page.locator("[data-draft-said]")).to_be_visible()
    page.reload()
    expect(page.locator("#reply_text")).to_have_value("jk? 在处理 on it")

    page.keyboard.press("r")
    press(page, "Control+Enter")
    expect(page.locator(".gx-said-reply").first).to_contain_text("jk? 在处理 on it")
    expect(page.locator("#reply_text")).to_have_value("")

    press(page, "s")
    press(page, "c")
    press(page, "o")
    press(page, "u")
    assert page.url.endswith("/service/tickets/?show=unsolved")


def test_a_reply_that_came_too_late_is_kept_beside_the_one_that_came_before(somebody, colleague):
    somebody.sign_in(AGENT.format("acme"))
    colleague.sign_in(LEAD.format("acme"))
    page = somebody.open("/t/acme/service/tickets/?show=unassigned")
    page.locator("#list tbody a").first.click()
    expect(page.locator("#reply_text")).to_be_visible()
    page.fill("#reply_text", "We will call you this afternoon.")
    other = colleague.page
    other.goto(page.url)
    other.fill("#reply_text", "A technician is on the way.")
    press(other, "Control+Enter")

    page.locator("#reply_text").press("Control+Enter")

    expect(page.locator(".gx-alert-danger")).to_contain_text("Something has happened since you began to write")
    expect(page.locator(".gx-event-new")).to_contain_text("A technician is on the way.")
    expect(page.locator("#reply_text")).to_have_value("We will call you this afternoon.")
    page.locator("#reply_text").press("Control+Enter")
    expect(page.locator(".gx-said-reply").first).to_contain_text("We will call you this afternoon.")
    forgive_refusals(somebody)


def test_single_keys_can_be_switched_off(somebody):
    somebody.sign_in(AGENT.format("acme"))
    page = somebody.open("/t/acme/service/tickets/next/")
    page.keyboard.press("?")
    page.locator("[data-keys-switch]").uncheck()
    page.keyboard.press("Escape")

    page.keyboard.press("r")

    assert page.evaluate("document.activeElement.id") != "reply_text"


def test_without_scripts_a_ticket_is_answered_by_its_form(site, chromium):
    context = chromium.new_context(java_script_enabled=False)
    person = Person(context, site)
    person.sign_in(LEAD.format("acme"))
    page = person.open("/t/acme/service/tickets/")
    page.locator("#list tbody a").first.click()
    page.fill("#reply_text", "Answered plainly.")
    page.locator("form[action$='/reply/'] button[type=submit]").click()

    expect(page.locator(".gx-said-reply").first).to_contain_text("Answered plainly.")
    page.locator("a[aria-keyshortcuts=j]").click()
    assert re.search(r"/service/tickets/(\d+/)?\?", page.url)
    context.close()
    assert person.complaints == []
