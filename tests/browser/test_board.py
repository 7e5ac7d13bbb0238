"""The board as it is used: by mouse, by keyboard, by two people at once, and where no script runs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Person

pytestmark = pytest.mark.browser
WHO, OTHER = "admin@acme.example", "sales-manager@acme.example"
BOARD = "/t/acme/sales/board/"


@pytest.fixture
def another(site, chromium):
    context = chromium.new_context(viewport={"width": 1600, "height": 900})
    person = Person(context, site)
    yield person
    context.close()
    # The refusal of the slower one is an answer that the browser notes as an error.
    assert [one for one in person.complaints if "409" not in one] == []


@pytest.fixture
def plain(site, chromium):
    """Somebody whose browser runs no scripts."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False)
    person = Person(context, site)
    yield person
    context.close()
    assert person.complaints == []


def column(page: Page, place: int) -> Locator:
    return page.locator("[data-stage]").nth(place)


def ids(page: Page, place: int) -> list[str]:
    return [card.get_attribute("data-deal") or "" for card in column(page, place).locator("[data-deal]").all()]


def somewhere(page: Page, cards: int = 1) -> int:
    """A stage of open deals with so many cards."""
    return next(place for place in range(4) if len(ids(page, place)) >= cards)


def other_than(place: int) -> tuple[int, str]:
    """An open stage that is not this one, with its name."""
    return (2, "Proposal") if place != 2 else (3, "Negotiation")


def count(page: Page, place: int) -> int:
    return int(column(page, place).locator(".gx-count").inner_text())


def link(page: Page, deal: str) -> Locator:
    return page.locator(f"[data-deal='{deal}'] .gx-deal-name")


def moving(page: Page):
    return page.expect_response(lambda response: "/move/" in response.url)


def open_board(person: Person, who: str) -> Page:
    person.sign_in(who)
    page = person.open(BOARD)
    page.wait_for_load_state("networkidle")
    return page


def drag(page: Page, deal: Locator, target: Locator) -> None:
    start, end = deal.bounding_box(), target.bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 40, start["y"] + start["height"] - 12)
    page.mouse.down()
    page.mouse.move(start["x"] + 80, start["y"] + start["height"], steps=4)
    page.mouse.move(end["x"] + 40, end["y"] + 10, steps=12)
    page.wait_for_timeout(200)


def test_card_is_dragged_and_both_sums_follow(somebody):
    page = open_board(somebody, WHO)
    start = somewhere(page)
    end, _name = other_than(start)
    deal = ids(page, start)[0]
    before = count(page, start), count(page, end)

    drag(page, page.locator(f"[data-deal='{deal}']"), column(page, end).locator("[data-cards]"))
    with moving(page) as answer:
        page.mouse.up()

    assert answer.value.status == 200
    expect(column(page, start).locator(".gx-count")).to_have_text(str(before[0] - 1))
    expect(column(page, end).locator(".gx-count")).to_have_text(str(before[1] + 1))
    page.reload()
    assert deal in ids(page, end)


def test_keyboard_goes_carries_and_asks_for_the_stage(somebody):
    page = open_board(somebody, WHO)
    start = somewhere(page, cards=2)
    first, second = ids(page, start)[:2]
    link(page, first).focus()

    page.keyboard.press("ArrowDown")
    expect(link(page, second)).to_be_focused()
    with moving(page):
        page.keyboard.press("Shift+ArrowUp")
    expect(link(page, second)).to_be_focused()
    assert ids(page, start)[:2] == [second, first]

    with moving(page):
        page.keyboard.press("Shift+ArrowRight")
    expect(link(page, second)).to_be_focused()
    assert ids(page, start + 1)[0] == second
    expect(page.locator("[data-board-said]")).to_contain_text("place 1")

    end, name = other_than(start + 1)
    page.keyboard.press("m")
    with moving(page):
        page.locator("#board-stages").get_by_role("button", name=name).click()
    expect(column(page, end).locator("[data-deal]").first).to_have_attribute("data-deal", second)


def test_card_that_is_dropped_on_lost_waits_for_the_reason(somebody):
    page = open_board(somebody, WHO)
    start = somewhere(page)
    deal = ids(page, start)[0]
    link(page, deal).focus()

    page.keyboard.press("m")
    page.locator("#board-stages").get_by_role("button", name="Lost").click()
    expect(page.locator("#board-lost")).to_be_visible()
    page.keyboard.press("Escape")
    expect(column(page, start).locator("[data-deal]").first).to_have_attribute("data-deal", deal)

    page.keyboard.press("m")
    page.locator("#board-stages").get_by_role("button", name="Lost").click()
    page.locator("#board-lost select").select_option(label="No budget")
    with moving(page) as answer:
        page.locator("#board-lost").get_by_role("button", name="Lost").click()
    assert answer.value.status == 200


def test_slower_of_two_is_told_and_sees_where_the_card_is(somebody, another):
    mine, theirs = open_board(somebody, WHO), open_board(another, OTHER)
    start = somewhere(theirs)
    deal = ids(theirs, start)[0]
    link(mine, deal).focus()
    with moving(mine):
        mine.keyboard.press("Shift+ArrowRight")

    link(theirs, deal).focus()
    theirs.keyboard.press("m")
    with moving(theirs) as answer:
        theirs.locator("#board-stages").get_by_role("button", name="Won").click()

    assert answer.value.status == 409
    expect(theirs.locator(".gx-toast")).to_contain_text("meanwhile. It was left there.")
    expect(link(theirs, deal)).to_be_focused()


def test_without_scripts_the_board_is_read_and_a_card_is_moved_by_a_form(plain):
    page = open_board(plain, WHO)
    start = somewhere(page)
    deal = ids(page, start)[0]
    _end, name = other_than(start)

    page.locator(f"[data-deal='{deal}'] [data-move]").click()
    page.locator("#id_stage").select_option(label=name)
    page.locator("main").get_by_role("button", name="Change stage").click()

    expect(page.locator(".gx-toast")).to_contain_text("The deal was moved.")
    expect(page).to_have_url(re.compile(rf"/sales/deals/{deal}/$"))
